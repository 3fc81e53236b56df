"""What a role may do, asked on its behalf by the service that it trusts.

Leans on: core/iam_evaluator.py's evaluation of a role's policies and of trust policies; identity_denial_message of
core/iam_actions.py; _roles of services/iam.py; resource_tags of services/tagging.py.
"""

import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, tagging


def context(name, session, action, resource_arn, **conditions):
    """The request of a role's session, as policies see it."""
    account_id = get_account_id()
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account_id}:assumed-role/{name}/{session}", principal_type="AssumedRole",
        principal_account=account_id, action=action, resource_arn=resource_arn, region=get_region(),
        service_context=conditions)


def allows(name, request):
    """Whether the policies of a role allow a request (see `context`)."""
    return refusal(name, [request]) is None


def refusal(name, requests):
    """Why AWS refuses the first of these requests (see `context`) that the role's policies do not allow, in its words;
    None when they allow all."""
    account_id = get_account_id()
    policies = iam_evaluator._gather_role_policies(name, account_id)
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, account_id)
    by_tag = iam_evaluator._names_condition_key(policies, "aws:resourcetag/")
    for request in requests:
        if by_tag:
            for key, value in (tagging.resource_tags(request.resource_arn) or {}).items():
                request.service_context.setdefault(f"aws:resourcetag/{key}".lower(), value)
        decision = iam_evaluator.evaluate(request, policies, *boundary).decision
        if decision == "Allow":
            continue
        message = iam_actions.identity_denial_message(
            request.action, request.principal_arn, request.resource_arn, decision == "Deny")
        if decision != "Deny" and iam_evaluator.evaluate(request, policies).decision == "Allow":
            message = message.replace("identity-based policy", "permissions boundary")
        return message
    return None


def trusts(name, service, **conditions):
    """Whether there is such a role, and whether a service may assume it in the context of these condition keys."""
    role = iam._roles.get(name)
    if role is None:
        return False
    document = role["AssumeRolePolicyDocument"]
    statements = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    request = context(name, service.split(".")[0], "sts:AssumeRole", role["Arn"], **conditions)
    return any(statement["Effect"] == "Allow"
               and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
               and iam_evaluator._conditions_met(statement.get("Condition", {}), request)
               for statement in (statements if isinstance(statements, list) else [statements]))
