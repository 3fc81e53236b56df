"""EventBridge rules start pipelines.

Gap: a rule may name a pipeline as target, but MiniStack never starts one. AWS assumes the target's
RoleArn and calls StartPipelineExecution; the target's input may carry `sourceRevisions` and
`variables`. A role that may not do so fails the invocation.
Leans on: _invoke_target, _apply_input_transformer, _pattern_event_view of services/eventbridge.py; _roles of
services/iam.py.
"""

import json
import logging
import time

from glue import devtools, roles
from ministack.core.arn import parse_arn
from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, iam

logger = logging.getLogger("events")
_ACTION = "codepipeline:StartPipelineExecution"
_RETRIES = (0.5, 2, 8)  # seconds; AWS retries for 24 hours


def apply():
    invoke_target = eventbridge._invoke_target

    def invoke(target, event, rule, view=None):
        if not target.get("Arn", "").startswith("arn:aws:codepipeline:"):
            return invoke_target(target, event, rule, view)
        view = view or eventbridge._pattern_event_view(event)
        # The service calls back into this process, which must stay free to answer.
        spawn_background(_start, target, rule["Arn"], _input(target, rule, view))

    eventbridge._invoke_target = invoke


def _input(target, rule, view):
    """What the target receives, as a decoded value where it is JSON."""
    if target.get("InputTransformer"):
        text = eventbridge._apply_input_transformer(target["InputTransformer"], rule, view)
    elif target.get("Input"):
        text = target["Input"]
    else:
        value = view.event_with_detail()
        for part in filter(None, target.get("InputPath", "$").removeprefix("$").split(".")):
            value = value.get(part) if isinstance(value, dict) else None
        return value
    try:
        return json.loads(text)
    except ValueError:
        return text


def _start(target, rule_arn, value):
    arn = target["Arn"]
    if reason := _denial(target.get("RoleArn", ""), arn, rule_arn):
        logger.warning("Rule %s did not start %s: %s", rule_arn, arn, reason)
        return
    data = {"name": parse_arn(arn).resource}
    if isinstance(value, dict):
        data |= {key: value[key] for key in ("sourceRevisions", "variables") if key in value}
    trigger = json.dumps({"triggerType": "CloudWatchEvent", "triggerDetail": rule_arn})
    for delay in (*_RETRIES, None):
        try:
            answer = devtools.call("codepipeline", "StartPipelineExecution", data, {"x-devtools-trigger": trigger})
        except devtools.Failed as error:
            if error.code != "ServiceUnavailable" or delay is None:
                logger.warning("Rule %s did not start %s: %s", rule_arn, arn, error)
                return
            time.sleep(delay)
        else:
            logger.info("Rule %s started %s: %s", rule_arn, arn, answer.get("pipelineExecutionId"))
            return


def _denial(role_arn, pipeline_arn, rule_arn):
    """Why EventBridge may not start the pipeline with the target's role, or None."""
    name = role_arn.rsplit("/", 1)[-1]
    if name not in iam._roles:
        return f"its RoleArn {role_arn or '(none given)'} names no role"
    rule = {"aws:sourcearn": rule_arn, "aws:sourceaccount": get_account_id()}
    if not roles.trusts(name, "events.amazonaws.com", **rule):
        return f"role {name} does not let events.amazonaws.com assume it for this rule"
    request = roles.context(name, "events", _ACTION, pipeline_arn, **rule)
    if not roles.allows(name, request):
        return f"role {name} is not authorized to perform {_ACTION} on resource {pipeline_arn}"
    return None
