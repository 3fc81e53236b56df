"""Policies see the tags of user pools.

Gap: MiniStack fills in aws:ResourceTag for the resources of some services; Cognito's are not among them.
Leans on: _RESOURCE_TAG_COLLECTORS and _collect_cognito of services/tagging.py.
"""

from ministack.services import tagging


def apply():
    tagging._RESOURCE_TAG_COLLECTORS["cognito-idp"] = tagging._collect_cognito
