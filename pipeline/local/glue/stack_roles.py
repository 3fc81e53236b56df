"""CloudFormation works on a stack's resources with the stack's role.

Gap: MiniStack ignores RoleARN. AWS does everything to resources with the rights of that role, which it keeps for later
operations of the stack, a rollback too; a right that the role lacks fails the resource. A role that is not there or does
not trust CloudFormation fails the request.
Here the role's policies are asked before each create, update and delete of a resource (handler_rights.py says what). A
type that is not listed there needs the whole service: better a refusal that names the remedy than a right that nobody
checked. A stack without a role is not checked: AWS would use the rights of whoever calls.
Leans on: _ACTION_HANDLERS, _resolve_stack and _deploy_stack_async of cloudformation/handlers.py; _find_change_set and
_deploy_stack_async of changesets.py; _provision_resource, _update_resource and _delete_resource of stacks.py;
_replacing_change, _physical_name, _STACK_TAG_PROPERTY and _tag_map of provisioners.py; _resolve_refs and
_evaluate_conditions of engine.py.
"""

import copy
import re
from contextvars import ContextVar

from glue import roles
from glue.handler_rights import KINDS
from glue.handler_rules import Change, Right
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.helpers import _error, _esc, _p

_OPERATIONS = ("CreateStack", "UpdateStack", "DeleteStack", "RollbackStack", "ContinueUpdateRollback", "CreateChangeSet",
               "ExecuteChangeSet")
_SERVICES = {"stepfunctions": "states", "certificatemanager": "acm", "elasticloadbalancingv2": "elasticloadbalancing"}
_template = ContextVar("the template and the parameters that are being deployed", default=({}, {}))


def apply():
    for operation in _OPERATIONS:
        handlers._ACTION_HANDLERS[operation] = _with_role(operation, handlers._ACTION_HANDLERS[operation])
    handlers._ACTION_HANDLERS["DescribeStacks"] = _with_role_arns(handlers._ACTION_HANDLERS["DescribeStacks"])
    handlers._deploy_stack_async = changesets._deploy_stack_async = _with_template(stacks._deploy_stack_async)
    provision, update, delete = stacks._provision_resource, stacks._update_resource, stacks._delete_resource

    def checked_provision(kind, logical_id, props, stack_name):
        _check(kind, logical_id, stack_name, "create", {}, props)
        return provision(kind, logical_id, props, stack_name)

    def checked_update(kind, physical_id, old, new, stack_name, logical_id=None, old_attrs=None):
        if old != new:
            replaced = provisioners._replacing_change(kind, old, new)  # the old one is deleted after the update
            _check(kind, logical_id, stack_name, "create" if replaced else "update", {} if replaced else old, new, physical_id)
        return update(kind, physical_id, old, new, stack_name, logical_id, old_attrs)

    def checked_delete(kind, physical_id, props, stack_name=None, logical_id=None):
        _check(kind, logical_id, stack_name, "delete", props, {}, physical_id)
        return delete(kind, physical_id, props, stack_name, logical_id)

    stacks._provision_resource, stacks._update_resource, stacks._delete_resource = (
        checked_provision, checked_update, checked_delete)


def _with_role(operation, handle):
    def handle_with_role(params):
        name = _p(params, "StackName")
        change_set = None
        if operation == "ExecuteChangeSet":
            _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), name)
        given = (change_set or {}).get("RoleARN") or _p(params, "RoleARN")
        stack = handlers._resolve_stack((change_set or {}).get("StackName") or name) or {}
        role = given or (operation != "CreateStack" and stack.get("RoleARN"))
        if role and not roles.trusts(role.rsplit("/", 1)[-1], "cloudformation.amazonaws.com",
                                     **{"aws:sourceaccount": get_account_id()}):
            return _error("ValidationError", f"Role {role} is invalid or cannot be assumed")
        answer = handle(params)
        if given and answer[0] == 200:
            if operation == "CreateChangeSet":  # the stack's from its execution on
                _, made = changesets._find_change_set(_p(params, "ChangeSetName"), name)
                made["RoleARN"] = given
            elif stack := handlers._resolve_stack((change_set or {}).get("StackName") or name):
                stack["RoleARN"] = given
        return answer

    return handle_with_role


def _with_role_arns(describe):
    def describe_with_role_arns(params):
        status, headers, body = describe(params)
        for stack in cloudformation._stacks.values():
            if "RoleARN" in stack:
                found = f"<StackId>{_esc(stack['StackId'])}</StackId>".encode()
                body = body.replace(found, found + f"<RoleARN>{_esc(stack['RoleARN'])}</RoleARN>".encode())
        return status, headers, body

    return describe_with_role_arns


def _with_template(deploy):
    async def deploy_with_template(stack_name, stack_id, template, param_values, *arguments, **options):
        _template.set((template, param_values))
        await deploy(stack_name, stack_id, template, param_values, *arguments, **options)

    return deploy_with_template


def _check(kind, logical_id, stack_name, operation, old, new, physical_id=None):
    stack = cloudformation._stacks.get(stack_name) or {}
    if not stack.get("RoleARN"):
        return
    role = stack["RoleARN"].rsplit("/", 1)[-1]
    requests = [roles.context(role, "AWSCloudFormation", right.action, right.resource, **right.context)
                for right in _rights(kind, logical_id, stack, operation, old, new, physical_id)]
    if missing := roles.refusal(role, requests):
        unknown = _listed(kind) not in KINDS
        raise PermissionError(missing + (
            f": which rights {kind} needs is not known here, so the role must have them all, or the type an entry in "
            "pipeline/local/glue/handler_rights.py" if unknown else ""))


def _listed(kind):
    return "AWS::CloudFormation::CustomResource" if kind.startswith("Custom::") else kind


def _rights(type_name, logical_id, stack, operation, old, new, physical_id=None):
    """What CloudFormation needs for an operation on a resource of the stack."""
    kind = KINDS.get(_listed(type_name))
    if kind is None:
        service = type_name.split("::")[1].lower()
        return [Right(f"{_SERVICES.get(service, service)}:*", "*")]
    if operation == "create":
        name = new.get(kind.name) or provisioners._physical_name(
            stack["StackName"], logical_id, lowercase=type_name == "AWS::S3::Bucket")
    else:
        name = re.split("[:/]", physical_id)[-1] if physical_id.startswith(("arn:", "http")) else physical_id
    values = _Values({**old, **new}, id="*" if operation == "create" else physical_id, name=name, path=str(name).lstrip("/"),
                     account=get_account_id(), region=get_region())
    change = Change(operation, old, new, values.arn, _definition(stack, logical_id), stack)
    tags_property = provisioners._STACK_TAG_PROPERTY.get(type_name, ("Tags",))[0]
    before, after = (_tags(properties.get(tags_property)) for properties in (old, new))
    if operation == "create" and type_name not in provisioners._STACK_TAG_PROPERTY:
        after = _tags(stack.get("Tags")) | after  # which MiniStack does not hand on, but AWS does
    tagged = {"aws:tagkeys": list(after) or None, **{f"aws:requesttag/{key}".lower(): value for key, value in after.items()}}

    def rights(actions, context=None):
        for action in actions.split():
            action, _, resource = action.partition("@")
            service = kind.arn.split(":")[0]
            yield Right(action if ":" in action else f"{service}:{action}", change.arn(resource or kind.arn), context or {})

    properties = kind.properties if operation == "create" else {**kind.properties, **kind.changes}
    changed = {name for name in old.keys() | new.keys() if change.sets(name) or change.removes(name)}
    found = []
    if operation == "create":
        found += rights(kind.create, tagged)
    elif operation == "delete":
        found += rights(kind.delete)
    elif changed - properties.keys() - {tags_property}:
        found += rights(kind.update)
    # What is made is read with the tags that it is made with.
    made = {f"aws:resourcetag/{key}".lower(): value for key, value in after.items()} if operation == "create" else {}
    found += rights(kind.read, made)
    for name in sorted(changed & properties.keys()):
        found += rights(_pair(properties[name])[not change.sets(name)])
    if operation != "delete" and after.items() - before.items():
        found += rights(_pair(kind.tags)[0], tagged)
    if operation != "delete" and before.keys() - after.keys():
        found += rights(_pair(kind.tags)[1], {"aws:tagkeys": sorted(before.keys() - after.keys())})
    return found + list(kind.more(change))


def _pair(actions):
    return actions if isinstance(actions, tuple) else (actions, actions)


def _tags(value):
    """Those of the template and the stack: what AWS itself adds needs no right."""
    return {key: value for key, value in provisioners._tag_map(value).items() if not key.startswith("aws:")}


def _definition(stack, logical_id):
    """The update policy of a resource, with what it refers to."""
    template, params = _template.get()
    policy = template.get("Resources", {}).get(logical_id, {}).get("UpdatePolicy")
    if not policy:
        return {}
    return {"UpdatePolicy": engine._resolve_refs(
        copy.deepcopy(policy), stack["_resources"], params, engine._evaluate_conditions(template, params),
        template.get("Mappings", {}), stack["StackName"], stack["StackId"])}


class _Values(dict):
    def __init__(self, properties, **known):
        super().__init__({"Path": "/", **properties, **known})
        function = str(self.get("FunctionName", ""))
        self["FunctionName"] = function.split(":function:")[-1]

    def __missing__(self, name):
        return "*"

    def arn(self, template):
        arn = template.format_map(self)
        return arn if arn in ("", "*") or arn.startswith("arn:") else f"arn:aws:{arn}"
