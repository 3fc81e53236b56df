"""A stack policy protects resources from updates of their stack.

Gap: MiniStack keeps stack policies and does not enforce them. AWS asks the policy before an update changes, replaces or
deletes a resource, and once there is one, what it does not allow is denied: the resource fails and the update rolls
back. StackPolicyDuringUpdateBody stands in for the policy in one update. It is not asked when a stack is made, rolled
back or deleted. (Termination protection is MiniStack's own, and works.)
Leans on: _ACTION_HANDLERS and _deploy_stack_async of cloudformation/handlers.py; _deploy_stack_async of changesets.py;
_update_resource, _add_event, _failed_operation and _roll_back_operation of stacks.py; _replacing_change of
provisioners.py; _resolve_document of helpers.py; parse_policy_document and _first_match of core/iam_evaluator.py.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.helpers import _p, _resolve_document

_ONE_UPDATE = "_stack_policy_during_update"


def apply():
    update_stack, update_resource = handlers._ACTION_HANDLERS["UpdateStack"], stacks._update_resource
    deploy = handlers._deploy_stack_async

    def update_with_policy(params):
        policy, error = _resolve_document(
            params, "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL", "Stack policy during update")
        if error:
            return error
        answer = update_stack(params)
        if policy and answer[0] == 200:
            handlers._resolve_stack(_p(params, "StackName"))[_ONE_UPDATE] = policy
        return answer

    def protected_update(kind, physical_id, old, new, stack_name, logical_id=None, old_attrs=None):
        stack = cloudformation._stacks.get(stack_name) or {}
        if old != new and stack.get("StackStatus") == "UPDATE_IN_PROGRESS":
            action = "Update:Replace" if provisioners._replacing_change(kind, old, new) else "Update:Modify"
            if denial := _denial(stack, action, logical_id, kind):
                raise PermissionError(denial)
        return update_resource(kind, physical_id, old, new, stack_name, logical_id, old_attrs)

    async def protected_deploy(stack_name, stack_id, template, params, disable_rollback, tags, **options):
        stack = cloudformation._stacks[stack_name]
        try:
            if not (options.get("is_update") and await _refused(
                    stack, template, params, disable_rollback, options.get("previous_stack") or {})):
                await deploy(stack_name, stack_id, template, params, disable_rollback, tags, **options)
        finally:
            stack.pop(_ONE_UPDATE, None)

    handlers._ACTION_HANDLERS["UpdateStack"] = update_with_policy
    stacks._update_resource = protected_update
    handlers._deploy_stack_async = changesets._deploy_stack_async = protected_deploy


def _denial(stack, action, logical_id, kind):
    """AWS's sentence when the stack's policy denies an action on a resource; or None."""
    policy = stack.get(_ONE_UPDATE) or stack.get("_stack_policy")
    if not policy:
        return None
    request = iam_evaluator.EvalContext(
        principal_arn="*", principal_type="Root", principal_account=get_account_id(), action=action,
        resource_arn=f"LogicalResourceId/{logical_id}", region=get_region(), service_context={"resourcetype": kind})
    statements = iam_evaluator.parse_policy_document(policy)
    for number, statement in enumerate(statements, start=1):
        if iam_evaluator._first_match(request, [statement], "Deny"):
            return (f"Action denied by stack policy: Statement [#{number}] does not allow [{action}] "
                    f"for resource [{request.resource_arn}];")
    if iam_evaluator._first_match(request, statements, "Allow"):
        return None
    return f"Action not allowed by stack policy: no statement allows [{action}] for resource [{request.resource_arn}]"


async def _refused(stack, template, params, disable_rollback, previous):
    """Fail an update that would delete a protected resource, before anything is changed; whether it did."""
    conditions = engine._evaluate_conditions(template, params)
    wanted = {name for name, resource in template["Resources"].items() if conditions.get(resource.get("Condition"), True)}
    denied = [(name, resource, denial) for name, resource in previous.get("_resources", {}).items() if name not in wanted
              and (denial := _denial(stack, "Update:Delete", name, resource["ResourceType"]))]
    if not denied:
        return False
    stack_id, stack_name = stack["StackId"], stack["StackName"]
    for name, resource, denial in denied:
        stacks._add_event(stack_id, stack_name, name, resource["ResourceType"], "UPDATE_FAILED", denial,
                          resource["PhysicalResourceId"])
    name, resource, denial = denied[0]
    failed = (name, resource["ResourceType"], resource["PhysicalResourceId"], None, None, None)
    operation = stacks._failed_operation(
        True, previous, [], failed, name, [], False, template, params, False, stack.get("Tags"), previous.get("Tags"))
    if disable_rollback:
        stack.update(StackStatus="UPDATE_FAILED", StackStatusReason=denial, _failed_operation=operation)
        stacks._add_event(stack_id, stack_name, stack_name, "AWS::CloudFormation::Stack", "UPDATE_FAILED", denial, stack_id)
    else:
        await stacks._roll_back_operation(stack_name, stack_id, stack, operation)
    return True
