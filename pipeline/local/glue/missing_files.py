"""CloudFront learns that a file is missing, where it may list the bucket.

Gap: MiniStack answers CloudFront with 403 for every object that is not there. S3 does so for those who may not list the
bucket; to a distribution that its policy lets do s3:ListBucket it says 404.
Leans on: serve_cloudfront_origin_fetch, _cloudfront_origin_allows, _ensure_bucket, _bucket_owner_account,
_bucket_policies and _error of services/s3.py; evaluate_resource_policy of core/iam_evaluator.py.
"""

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3


def apply():
    fetch = s3.serve_cloudfront_origin_fetch

    def fetch_or_miss(bucket, key, method, headers, source_arn="", oai_id=""):
        answer = fetch(bucket, key, method, headers, source_arn, oai_id)
        if answer[0] == 403 and source_arn and _is_missing(bucket, key, source_arn) and _may_list(bucket, source_arn):
            return s3._error("NoSuchKey", "The specified key does not exist.", 404, f"/{bucket}/{key}")
        return answer

    s3.serve_cloudfront_origin_fetch = fetch_or_miss


def _owner(bucket):
    return s3._bucket_owner_account(bucket) or get_account_id()


def _is_missing(bucket, key, distribution):
    """Whether that is why it was refused: what may not be read may not be known, either."""
    return key not in s3._ensure_bucket(bucket)["objects"] and s3._cloudfront_origin_allows(
        _owner(bucket), bucket, key, distribution, "")


def _may_list(bucket, distribution):
    policy = s3._bucket_policies.get_scoped(_owner(bucket), None, bucket)
    context = EvalContext(
        principal_arn="*", principal_type="Service", principal_account="", action="s3:ListBucket",
        resource_arn=f"arn:aws:s3:::{bucket}", region=get_region(), service_context={"aws:sourcearn": distribution})
    return bool(policy) and evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com").decision == "Allow"
