"""CloudFormation updates an alias by CodeDeploy, where the alias' UpdatePolicy says so.

Gap: MiniStack ignores UpdatePolicy: an alias points to its new version at once. On AWS a change of its FunctionVersion
becomes a CodeDeploy deployment, for which the stack waits; when it fails, the stack rolls back. A new alias, and one on
its way back, is pointed at once.
MiniStack updates one resource after the other, where AWS shifts all changed aliases at the same time. So each deployment
begins at its alias' turn, and the last alias of the template waits for all of them, whether it has changed or not. When
one fails, or the update is cancelled or fails elsewhere, the others are stopped, and every alias goes back.
After a crash the stack's record of an alias is what Lambda has: its deployment may not have come to its end.
Not as on AWS: aliases of nested stacks are pointed at once.
Leans on: _deploy_stack_async, _update_resource, _roll_back_operation, _runs_on_worker_thread and _add_event of
cloudformation/stacks.py, the first as imported by handlers.py and changesets.py, too; _extract_deps, _intrinsic_references,
_evaluate_conditions, _resolve_refs and _NO_VALUE of engine.py; _update_alias and _functions of services/lambda_svc.py; _load_persisted_state of app.py; _stacks, and the
_resources and _cancel_requested of a stack.
"""

import copy
import json
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Callable

from glue import devtools, snapshots
from ministack import app
from ministack.core.concurrency import run_reentrant
from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import changesets, engine, handlers, stacks

_ALIAS = "AWS::Lambda::Alias"
_POLICY = "CodeDeployLambdaAliasUpdate"
_HOOKS = {"BeforeAllowTraffic": "BeforeAllowTrafficHook", "AfterAllowTraffic": "AfterAllowTrafficHook"}
_CANCELLED = "Resource update cancelled"  # what CloudFormation says of a resource that another's failure stopped
_POLL = 0.2  # seconds
_current = ContextVar("the update of a stack that is under way", default=None)


def apply():
    update, roll_back = stacks._update_resource, stacks._roll_back_operation
    on_worker_thread, dependencies = stacks._runs_on_worker_thread, engine._extract_deps

    def update_resource(kind, physical_id, old, new, stack_name, logical_id=None, old_attrs=None):
        def to(new, old=old):
            return update(kind, physical_id, old, new, stack_name, logical_id, old_attrs)

        current = _current.get()
        if kind != _ALIAS or current is None or logical_id not in current.awaited:
            return to(new)
        return current.turn(logical_id, physical_id, old, new, old_attrs, to)

    async def roll_back_operation(*args, **kwargs):
        if current := _current.get():
            await run_reentrant(current.back)
        await roll_back(*args, **kwargs)

    stacks._update_resource, stacks._roll_back_operation = update_resource, roll_back_operation
    # It waits for another process, which calls back into this one.
    stacks._runs_on_worker_thread = lambda kind: kind == _ALIAS or on_worker_thread(kind)
    # What the policy names must be there at the alias' turn; to MiniStack only properties are dependencies.
    engine._extract_deps = lambda resource, names: dependencies(resource, names) | {
        name for name, _ in engine._intrinsic_references(resource.get("UpdatePolicy", {})) if name in names}
    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = _with_update(module._deploy_stack_async)
    app._load_persisted_state = _then_correct(app._load_persisted_state)


def _then_correct(load):
    def load_and_correct():
        load()
        for stack in cloudformation._stacks.values():
            if stack.get("StackStatusReason") == snapshots.CUT_OFF:
                for resource in stack.get("_resources", {}).values():
                    if resource["ResourceType"] == _ALIAS and (alias := _alias(resource["PhysicalResourceId"])):
                        resource["Properties"]["FunctionVersion"] = alias["FunctionVersion"]

    return load_and_correct


def _alias(arn):
    """What Lambda has; None when it is not there."""
    function, name = arn.split(":")[6:8]
    return lambda_svc._functions.get(function, {}).get("aliases", {}).get(name)


def _with_update(deploy):
    async def deploy_with_update(stack_name, stack_id, template, param_values, *args, previous_stack=None, **kwargs):
        current = _Update(stack_name, template, param_values, previous_stack or {})
        _current.set(current)
        try:
            return await deploy(stack_name, stack_id, template, param_values, *args, previous_stack=previous_stack, **kwargs)
        finally:
            await current.end()

    return deploy_with_update


@dataclass
class _Shift:
    logical_id: str
    alias: str  # its ARN
    deployment: str
    to_new: Callable
    to_old: Callable
    stopped: bool = False  # because of another
    ended: dict | None = None  # the deployment's information when it has ended

    @property
    def failure(self):
        if self.ended is None or self.ended["status"] == "Succeeded":
            return None
        error = self.ended.get("errorInformation", {})
        if self.stopped and error.get("code") == "MANUAL_STOP":
            return _CANCELLED
        return (f"CodeDeploy deployment {self.deployment} has the status {self.ended['status']}: "
                f"{error.get('message', 'no reason given')}")


class _Update:
    """An update of a stack, as far as its aliases are concerned."""

    def __init__(self, stack_name, template, parameters, previous):
        self.stack_name, self.template, self.parameters = stack_name, template, parameters
        self.conditions = engine._evaluate_conditions(template, parameters)
        self.awaited = {  # whose turn is still to come
            name for name, resource in template.get("Resources", {}).items()
            if resource.get("Type") == _ALIAS and name in previous.get("_resources", {})
            and self.conditions.get(resource.get("Condition"), True) and _POLICY in resource.get("UpdatePolicy", {})}
        self.shifts = []

    @property
    def stack(self):
        return cloudformation._stacks[self.stack_name]

    def turn(self, logical_id, alias, old, new, attributes, to):
        self.awaited.discard(logical_id)
        made = alias, attributes or {}
        if all(old.get(key) == new.get(key) for key in ("FunctionName", "Name")) and (
                old["FunctionVersion"] != new["FunctionVersion"]):
            self.shifts.append(_Shift(logical_id, alias, self._begin(logical_id, alias, old, new),
                                      lambda: to(new), lambda: to(old, new)))
        else:
            made = to(new)
        if not self.awaited:
            self._finish(logical_id)
        return made

    def _begin(self, logical_id, alias, old, new):
        """Starts the deployment from the old version to the new one; its id."""
        policy = engine._resolve_refs(
            copy.deepcopy(self.template["Resources"][logical_id]["UpdatePolicy"][_POLICY]), self.stack["_resources"],
            self.parameters, self.conditions, self.template.get("Mappings", {}), self.stack_name, self.stack["StackId"])
        content = {
            "version": 0.0,
            "Resources": [{logical_id: {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": alias.split(":")[6], "Alias": new["Name"],
                "CurrentVersion": str(old["FunctionVersion"]), "TargetVersion": str(new["FunctionVersion"])}}}],
            "Hooks": [{event: policy[hook]} for event, hook in _HOOKS.items()
                      if policy.get(hook) not in (None, "", engine._NO_VALUE)]}
        return devtools.call("codedeploy", "CreateDeployment", {
            "applicationName": policy["ApplicationName"], "deploymentGroupName": policy["DeploymentGroupName"],
            "description": "Deployment by CloudFormation",
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}},
        })["deploymentId"]

    def _finish(self, logical_id):
        """Waits for all deployments. Raises what goes wrong, as the failure of the alias whose turn it is."""
        while self._running():
            if any(shift.failure for shift in self.shifts) or self.stack.get("_cancel_requested"):
                self.stop()
            else:
                time.sleep(_POLL)
        failures = {shift.logical_id: shift for shift in self.shifts if shift.failure}
        for name, shift in failures.items():
            if name != logical_id:
                stacks._add_event(self.stack["StackId"], self.stack_name, name, _ALIAS, "UPDATE_FAILED", shift.failure,
                                  shift.alias)
        if logical_id in failures:
            raise ValueError(failures[logical_id].failure)
        if failures or self.stack.get("_cancel_requested"):
            raise ValueError(_CANCELLED)
        for shift in self.shifts:
            shift.to_new()  # what else the template says of it

    def _running(self):
        """The shifts that have not ended."""
        running = [shift for shift in self.shifts if shift.ended is None]
        for shift in running:
            info = devtools.call("codedeploy", "GetDeployment", {"deploymentId": shift.deployment})["deploymentInfo"]
            if info["status"] in ("Succeeded", "Failed", "Stopped"):
                shift.ended = info
        return [shift for shift in running if shift.ended is None]

    async def end(self):
        """A failed update that is not rolled back: it stops its deployments, and has ended only when they have."""
        if any(shift.ended is None for shift in self.shifts):
            status, self.stack["StackStatus"] = self.stack["StackStatus"], "UPDATE_IN_PROGRESS"
            try:
                await run_reentrant(self.stop)
            finally:
                self.stack["StackStatus"] = status

    def stop(self):
        """Stops what is still being shifted, and waits for its end."""
        for shift in self._running():
            shift.stopped = True
            try:
                devtools.call("codedeploy", "StopDeployment", {
                    "deploymentId": shift.deployment, "autoRollbackEnabled": True})
            except devtools.Failed as error:
                if error.code != "DeploymentAlreadyCompletedException":
                    raise
        while self._running():
            time.sleep(_POLL)

    def back(self):
        """Points every alias to its old version: MiniStack sends back only those whose turn was over."""
        self.awaited = set()
        self.stop()
        for shift in self.shifts:
            function, name = shift.alias.split(":")[6:8]
            lambda_svc._update_alias(function, name, {"RoutingConfig": {}})  # of a deployment that did not roll back
            shift.to_old()
