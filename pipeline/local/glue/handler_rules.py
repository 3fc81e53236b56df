"""What handlers of CloudFormation do beyond a list of actions for a type: the rules behind handler_rights.py.

Leans on: _roles of services/iam.py.
"""

from collections.abc import Callable
from typing import NamedTuple

from ministack.services import iam

FUNCTION = "lambda:{region}:{account}:function:{FunctionName}"


class Right(NamedTuple):
    """An action on a resource, with the condition keys (in lower case) that the service gives for it."""

    action: str
    resource: str
    context: dict = {}


class Change(NamedTuple):
    """What is about to happen to a resource. `old` is empty for a create, `new` for a delete."""

    operation: str  # create, update or delete
    old: dict
    new: dict
    arn: Callable[[str], str]  # fills in the braces
    definition: dict = {}  # the resource in the template, with its UpdatePolicy
    stack: dict = {}

    def sets(self, name):
        return self.new.get(name) is not None and self.old.get(name) != self.new[name]

    def removes(self, name):
        return bool(self.new) and self.old.get(name) is not None and self.new.get(name) is None


def published(change):
    """A CloudFront function serves once it is published, which AutoPublish asks of every change."""
    if str(change.new.get("AutoPublish")).lower() == "true":
        yield Right("cloudfront:PublishFunction", change.arn("cloudfront::{account}:function/{name}"))


def custom(change):
    token = (change.new or change.old)["ServiceToken"]
    yield Right("sns:Publish" if token.startswith("arn:aws:sns:") else "lambda:InvokeFunction", token)


def _pass(role, service):
    return Right("iam:PassRole", role, {"iam:passedtoservice": service})


def function(change):
    if change.sets("Role"):
        yield _pass(change.new["Role"], "lambda.amazonaws.com")
    code = change.new.get("Code") or {}
    if change.sets("Code") and "S3Bucket" in code:
        action = "s3:GetObjectVersion" if "S3ObjectVersion" in code else "s3:GetObject"
        yield Right(action, f"arn:aws:s3:::{code['S3Bucket']}/{code.get('S3Key')}")
    if change.sets("Layers"):
        yield from (Right("lambda:GetLayerVersion", layer) for layer in change.new["Layers"])


def alias(change):
    """CodeDeploy moves an alias that has it as update policy, and does so as its own role."""
    if change.operation != "update":
        return
    policy = (change.definition.get("UpdatePolicy") or {}).get("CodeDeployLambdaAliasUpdate")
    if not policy or not change.sets("FunctionVersion"):
        yield Right("lambda:UpdateAlias", change.arn(FUNCTION))
        return
    application, group = policy["ApplicationName"], policy["DeploymentGroupName"]
    groups = [resource for resource in change.stack["_resources"].values() if resource["PhysicalResourceId"] == group]
    config = groups[0]["Properties"].get("DeploymentConfigName", "CodeDeployDefault.OneAtATime") if groups else "*"
    for action, resource in (("CreateDeployment", f"deploymentgroup:{application}/{group}"),
                             ("GetDeployment", f"deploymentgroup:{application}/{group}"),
                             ("GetDeploymentConfig", f"deploymentconfig:{config}")):
        yield Right(f"codedeploy:{action}", change.arn("codedeploy:{region}:{account}:") + resource)


def event_source(change):
    context = {"lambda:functionarn": change.arn(FUNCTION)}
    mapping = change.arn("lambda:{region}:{account}:event-source-mapping:{id}")
    action = {"create": "Create", "update": "Update", "delete": "Delete"}[change.operation]
    yield Right(f"lambda:{action}EventSourceMapping", "*" if change.operation == "create" else mapping, context)
    yield Right("lambda:GetEventSourceMapping", mapping, context)  # whether it is done


def role(change):
    role = change.arn("iam::{account}:role{Path}{name}")
    # The condition key of every change of what a role may do: the boundary that it has or is given.
    properties = change.new or change.old
    boundary = {"iam:permissionsboundary": properties.get("PermissionsBoundary")}
    before, after = _inline(change.old), _inline(change.new)
    if change.operation == "create":
        yield Right("iam:CreateRole", role, boundary)
    elif change.sets("PermissionsBoundary"):
        yield Right("iam:PutRolePermissionsBoundary", role, boundary)
    elif change.removes("PermissionsBoundary"):
        yield Right("iam:DeleteRolePermissionsBoundary", role,
                    {"iam:permissionsboundary": change.old["PermissionsBoundary"]})
    if change.operation == "update":
        if change.sets("AssumeRolePolicyDocument"):
            yield Right("iam:UpdateAssumeRolePolicy", role)
        if any(change.sets(name) or change.removes(name) for name in ("Description", "MaxSessionDuration")):
            yield Right("iam:UpdateRole", role)
    for name, document in after.items():
        if before.get(name) != document:
            yield Right("iam:PutRolePolicy", role, boundary)
    yield from (Right("iam:DeleteRolePolicy", role, boundary) for _ in before.keys() - after.keys())
    attached, wanted = (set(props.get("ManagedPolicyArns") or []) for props in (change.old, change.new))
    for action, policies in (("AttachRolePolicy", wanted - attached), ("DetachRolePolicy", attached - wanted)):
        for policy in sorted(policies):
            yield Right(f"iam:{action}", role, {**boundary, "iam:policyarn": policy})
    if change.operation == "delete":
        yield Right("iam:DeleteRole", role)


def _inline(properties):
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in properties.get("Policies") or []}


def entities(put, remove, managed):
    """The rights to give an IAM policy to roles, groups and users, and to take it from them."""
    def rights(change):
        for plural, kind in (("Roles", "Role"), ("Groups", "Group"), ("Users", "User")):
            before, after = (set(props.get(plural) or []) for props in (change.old, change.new))
            document = change.sets("PolicyDocument") and not managed
            given = after if document else after - before
            for verb, names in ((put, given), (remove, before - after)):
                for name in sorted(names):
                    arn = change.arn("iam::{account}:") + f"{kind.lower()}/{name}"
                    context = {"iam:permissionsboundary": _boundary_of(name)} if kind == "Role" else {}
                    if managed:
                        context["iam:policyarn"] = change.arn("iam::{account}:policy/{name}")
                    yield Right(f"iam:{verb}{kind}Policy", arn, context)
    return rights


def _boundary_of(role):
    return (iam._roles.get(role) or {}).get("PermissionsBoundary") or None


def passes(service, *names):
    """The right to pass a role that a property names to a service."""
    def rights(change):
        for name in names:
            if change.sets(name):
                yield _pass(change.new[name], service)
    return rights


def targets(change):
    before = [target.get("RoleArn") for target in change.old.get("Targets") or []]
    for target in change.new.get("Targets") or []:
        if target.get("RoleArn") and target["RoleArn"] not in before:
            yield _pass(target["RoleArn"], "events.amazonaws.com")


def pipeline(change):
    roles = [change.new.get("RoleArn"), *(action.get("RoleArn") for stage in change.new.get("Stages") or []
                                          for action in stage.get("Actions") or [])]
    yield from (_pass(role, "codepipeline.amazonaws.com") for role in sorted(set(filter(None, roles))))


def policy_of(plural, action, arn_of=lambda name: name):
    """The right to set the policy of each topic or queue that a property lists."""
    def rights(change):
        for name in sorted({*(change.old.get(plural) or []), *(change.new.get(plural) or [])}):
            yield Right(action, change.arn(arn_of(name)))
    return rights
