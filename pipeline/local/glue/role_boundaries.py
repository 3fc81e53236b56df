"""A role of a stack has its permissions boundary.

Gap: MiniStack enforces the boundary that a role was given by the IAM API, but drops AWS::IAM::Role's PermissionsBoundary.
Leans on: _RESOURCE_HANDLERS of cloudformation/provisioners.py; _roles and _boundary_policy_error of services/iam.py.
"""

import re

from ministack.services import iam
from ministack.services.cloudformation import provisioners


def apply():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id, props, stack_name):
        _require(props)
        return _bounded(create(logical_id, props, stack_name), props)

    def updated(physical_id, old, new, stack_name, logical_id=None):
        _require(new)
        return _bounded(update(physical_id, old, new, stack_name, logical_id), new)

    handlers["create"], handlers["update"] = created, updated


def _require(props):
    arn = props.get("PermissionsBoundary")
    if arn and (refused := iam._boundary_policy_error(arn)):
        raise ValueError(re.search("<Message>(.*)</Message>", refused[2].decode())[1])


def _bounded(made, props):
    name, _ = made
    iam._roles[name]["PermissionsBoundary"] = props.get("PermissionsBoundary") or None
    return made
