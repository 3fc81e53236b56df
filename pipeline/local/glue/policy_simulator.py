"""The policy simulator minds the context that it is given, every resource, and the principal's boundary.

Gap: simulate-principal-policy ignores ContextEntries, so a statement with a condition such as
iam:PassedToService never allows anything, it looks at the first of ResourceArns only, and it forgets the permissions
boundary of a role or user. AWS answers for each action on each resource, in that context and within that boundary.
Leans on: _extract_simulate_params, _build_simulate_results_real, _roles and _users of services/iam.py; evaluate,
EvalContext and _permissions_boundary of core/iam_evaluator.py.
"""

from contextvars import ContextVar
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam

_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny"}
_parameters = ContextVar("the parameters of the request that is simulated")


def apply():
    extract = iam._extract_simulate_params

    def extract_and_remember(parameters):
        _parameters.set(parameters)
        return extract(parameters)

    iam._extract_simulate_params = extract_and_remember
    iam._build_simulate_results_real = _results


def _results(actions, _first_resource, principal_arn, account_id, policies):
    resources = list(_members("ResourceArns.member.{}")) or ["*"]
    context = _context()
    store = iam._users if ":user/" in principal_arn else iam._roles
    boundary = iam_evaluator._permissions_boundary(store, principal_arn.rsplit("/", 1)[-1], account_id)
    return "".join(
        _result(action, resource, principal_arn, account_id, policies, boundary, context)
        for action in actions
        for resource in resources
    )


def _result(action, resource, principal_arn, account_id, policies, boundary, context):
    decision = iam_evaluator.evaluate(
        iam_evaluator.EvalContext(
            principal_arn=principal_arn,
            principal_type="User",
            principal_account=account_id,
            action=action,
            resource_arn=resource,
            region=get_region(),
            service_context=context,
        ),
        policies,
        *boundary,
    ).decision
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{_DECISIONS.get(decision, 'implicitDeny')}</EvalDecision>"
        "<MatchedStatements></MatchedStatements><MissingContextValues></MissingContextValues></member>"
    )


def _context():
    """Condition keys in lower case, as the evaluator looks them up, and their values."""
    context = {}
    for index, key in enumerate(_members("ContextEntries.member.{}.ContextKeyName"), start=1):
        values = list(_members(f"ContextEntries.member.{index}.ContextKeyValues.member.{{}}"))
        context[key.lower()] = values[0] if len(values) == 1 else values
    return context


def _members(pattern):
    index = 1
    while value := iam._p(_parameters.get(), pattern.format(index)):
        yield value
        index += 1
