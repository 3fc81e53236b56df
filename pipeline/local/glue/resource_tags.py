"""Policies see the tags of user pools and distributions.

Gap: MiniStack fills in aws:ResourceTag for the resources of some services; Cognito's and CloudFront's are not among them.
Leans on: _RESOURCE_TAG_COLLECTORS, _collect_cognito and _collect_cloudfront of services/tagging.py.
"""

from ministack.services import tagging


def apply():
    tagging._RESOURCE_TAG_COLLECTORS |= {"cognito-idp": tagging._collect_cognito, "cloudfront": tagging._collect_cloudfront}
