"""Change sets see Conditions and Outputs.

Gap: MiniStack compares resources without their Condition, and nothing else: a change that only
creates or removes conditional resources, or changes outputs, makes a change set that FAILED with
"didn't contain changes". AWS executes such change sets; for the same template it fails as here.
Leans on: _resolve_props_for_diff and _create_change_set of cloudformation/changesets.py, the
latter through _ACTION_HANDLERS of handlers.py; _evaluate_conditions and _resolve_refs of engine.py.
"""

import copy

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers
from ministack.services.cloudformation.helpers import _p
from ministack.services.cloudformation.stacks import _stack_region_context

_NO_CHANGES = "The submitted information didn't contain changes."


def apply():
    resolve = changesets._resolve_props_for_diff
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def resolve_existing(template, params, stack_name, stack_id):
        return resolve(_without_absent_resources(template, params), params, stack_name, stack_id)

    def create_change_set(params):
        answer = create(params)
        _, made = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        if made and made["Status"] == "FAILED" and made["StatusReason"].startswith(_NO_CHANGES):
            stack = cloudformation._stacks[made["StackName"]]
            if _outputs(stack, stack) != _outputs(made, stack):
                made.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
        return answer

    changesets._resolve_props_for_diff = resolve_existing
    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set


def _without_absent_resources(template, params):
    if not template:
        return template
    conditions = engine._evaluate_conditions(template, params)
    return {**template, "Resources": {
        name: resource for name, resource in template.get("Resources", {}).items()
        if conditions.get(resource.get("Condition"), True)}}


def _outputs(version, stack):
    """The outputs of a version of the stack (what runs, or a change set), resolved where they can be."""
    template, params = version["_template"], version["_resolved_params"]
    conditions = engine._evaluate_conditions(template, params)
    outputs = {name: output for name, output in template.get("Outputs", {}).items()
               if conditions.get(output.get("Condition"), True)}
    with _stack_region_context(stack, stack["StackId"]):
        try:
            return engine._resolve_refs(
                copy.deepcopy(outputs), stack["_resources"], params, conditions,
                template.get("Mappings", {}), stack["StackName"], stack["StackId"])
        except ValueError:
            return outputs  # one names an attribute that no resource has: executing says so
