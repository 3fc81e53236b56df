"""AWSXrayWriteOnlyAccess, which SAM attaches to a function's role when the function is traced.

Gap: MiniStack does not have this policy: it can be attached, and permits nothing.
Leans on: _aws_managed_policies and _make_aws_managed_record of services/iam.py.
"""

import json

from ministack.services import iam

_NAME = "AWSXrayWriteOnlyAccess"
_ACTIONS = [
    "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
]


def apply():
    statement = {"Effect": "Allow", "Action": _ACTIONS, "Resource": ["*"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    record = iam._make_aws_managed_record(_NAME, document, "AWS X-Ray write only managed policy")
    iam._aws_managed_policies[record["Arn"]] = record
