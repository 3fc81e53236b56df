"""What a role may do, asked on its behalf by the service that it trusts.

Leans on: core/iam_evaluator.py's evaluation of a role's policies; _roles of services/iam.py.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam


def context(name, session, action, resource_arn, **conditions):
    """The request of a role's session, as policies see it."""
    account_id = get_account_id()
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account_id}:assumed-role/{name}/{session}", principal_type="AssumedRole",
        principal_account=account_id, action=action, resource_arn=resource_arn, region=get_region(),
        service_context=conditions)


def allows(name, request):
    """Whether the policies of a role allow a request (see `context`)."""
    account_id = get_account_id()
    return iam_evaluator.evaluate(
        request, iam_evaluator._gather_role_policies(name, account_id),
        *iam_evaluator._permissions_boundary(iam._roles, name, account_id)).decision == "Allow"
