"""Events of EventBridge and other asynchronous invocations are retried and then kept.

Gap: an EventBridge rule invokes its function once, without retry, and an event for a function that is
gone is dropped; elsewhere the settings of an alias (EventInvokeConfig with a qualifier, as SAM writes
it) do not count, and a dead-letter queue gets the document that is for destinations.
On AWS EventBridge hands the event to Lambda's queue. When the function then fails, Lambda retries
(MaximumRetryAttempts, MaximumEventAgeInSeconds) and sends the event to the *function's* OnFailure
destination or dead-letter queue. The rule's RetryPolicy and DeadLetterConfig are for events that
could not be handed over: here those whose function does not exist.
Not as on AWS: the pauses are 1 and 2 s instead of 1 and 2 min, and a restart forgets the events that
wait.
Leans on: _invoke_target, _dispatch_to_lambda, _pattern_event_view of services/eventbridge.py;
invoke_async_with_retry, _functions, _event_invoke_config, _get_func_record_for_ref,
_execution_record_for_config, _execute_function_with_config_scope and _run_with_function_config_scope
of services/lambda_svc.py.
"""

import json
import logging
import time

from glue.destinations import send, timestamp
from ministack.core.concurrency import spawn_background
from ministack.core.responses import new_uuid
from ministack.services import eventbridge, lambda_svc

logger = logging.getLogger("lambda")
_PAUSE = 1  # seconds, then twice as many
_LONGEST = 30


def apply():
    invoke_target = eventbridge._invoke_target

    def invoke(target, event, rule, view=None):
        arn, dead_letters = target.get("Arn", ""), (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters and arn.startswith("arn:aws:lambda:") and not lambda_svc._get_func_record_for_ref(arn)[0]:
            logger.warning("Rule %s: there is no function %s, its event goes to %s", rule["Arn"], arn, dead_letters)
            send(dead_letters, (view or eventbridge._pattern_event_view(event)).event_with_detail())
            return
        invoke_target(target, event, rule, view)

    def dispatch(arn, payload):
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            logger.warning("EventBridge: there is no function %s", name)
            return
        invoke_async(lambda_svc._execution_record_for_config(function, config), json.loads(payload))

    eventbridge._invoke_target = invoke
    eventbridge._dispatch_to_lambda = dispatch
    lambda_svc.invoke_async_with_retry = invoke_async


def invoke_async(function, event):
    spawn_background(_invoke, function, event, _settings(function["config"]))


def _settings(config):
    """The EventInvokeConfig of what is invoked. Its version tells: an alias has the only one that is in use."""
    function, version = lambda_svc._functions.get(config["FunctionName"]), config.get("Version", "$LATEST")
    aliases = [name for name, alias in function.get("aliases", {}).items() if alias["FunctionVersion"] == version]
    names = [None, version, *aliases] if version == "$LATEST" else [*aliases, version]
    return next(filter(None, (lambda_svc._event_invoke_config(function, name) for name in names)), {})


def _invoke(function, event, settings):
    start, attempt, pause = time.time(), 0, _PAUSE
    while True:
        result = lambda_svc._execute_function_with_config_scope(function, event)
        if not result.get("error") and not result.get("throttle"):
            return
        attempt += not result.get("throttle")
        condition = None
        if attempt > int(settings.get("MaximumRetryAttempts", 2)):
            condition = "RetriesExhausted"
        elif time.time() + pause - start > int(settings.get("MaximumEventAgeInSeconds", 21600)):
            condition = "EventAgeExceeded"
        if condition:
            lambda_svc._run_with_function_config_scope(
                function, _keep, function["config"], event, settings, result, condition, attempt)
            return
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)


def _keep(config, event, settings, result, condition, attempts):
    destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    logger.warning("Lambda %s failed %d times: %s: %s", config["FunctionName"], attempts, condition, result["body"])
    if dead_letters:
        send(dead_letters, event)
    if destination:
        send(destination, {
            "version": "1.0", "timestamp": timestamp(time.time(), "milliseconds"),
            "requestContext": {"requestId": new_uuid(), "functionArn": settings["FunctionArn"],
                               "condition": condition, "approximateInvokeCount": attempts},
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": config.get("Version", "$LATEST"),
                                "functionError": "Unhandled"},
            "responsePayload": result.get("body")})
