"""Lines that a function logs in the embedded metric format become metrics.

Gap: MiniStack keeps them as text. On AWS CloudWatch Logs makes metrics of them
(CloudWatch user guide, "Specification: Embedded metric format"); a line that does not keep to the specification makes none.
Not as on AWS: only what functions log is read, not what PutLogEvents brings.
Leans on: _emit_lambda_logs of services/lambda_svc.py, called once for each invocation.
"""

import json
import logging

from glue import service_metrics
from ministack.services import lambda_svc

logger = logging.getLogger("cloudwatch")
_MARK = '"_aws"'


def apply():
    emit = lambda_svc._emit_lambda_logs

    def emitted(func, request_id, log_text, *arguments, **more):
        emit(func, request_id, log_text, *arguments, **more)
        if log_text and _MARK in log_text:
            for line in filter(lambda line: _MARK in line, log_text.splitlines()):
                for metric in metrics(line):
                    service_metrics.record(*metric)

    lambda_svc._emit_lambda_logs = emitted


def metrics(line):
    """What a logged line measures, as arguments of service_metrics.record."""
    try:
        document = json.loads(line)
        directives, at = document["_aws"]["CloudWatchMetrics"], document["_aws"]["Timestamp"] / 1000
        return [(one["Namespace"], _dimensions(one, document), _values(one, document), at) for one in directives]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("No metric is made of this line: %r: %s", error, line)
        return []


def _dimensions(directive, document):
    return [tuple((name, str(document[name])) for name in names) for names in directive["Dimensions"]]


def _values(directive, document):
    return [(metric["Name"], metric.get("Unit", "None"), float(value)) for metric in directive["Metrics"]
            for value in _listed(document[metric["Name"]])]


def _listed(value):
    return value if isinstance(value, list) else [value]
