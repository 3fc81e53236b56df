"""A function's role is checked where a function is connected to a queue or stream.

Gap: MiniStack reads queues and streams and sends to destinations itself, whatever the function's
role says. AWS does it with that role, and refuses an event source mapping or an EventInvokeConfig
whose role lacks a right: a deployment that works here would fail there.
Leans on: _create_esm, _update_esm, _put_event_invoke_config, _esms, _functions and
_resolve_name_and_qualifier of services/lambda_svc.py; _RESOURCE_HANDLERS of
cloudformation/provisioners.py, whose EventInvokeConfig calls _put_event_invoke_config.
"""

from glue import roles
from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::Lambda::EventSourceMapping"
_READING = {"dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
            "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")}
_SENDING = {"sqs": ("sqs:SendMessage",), "sns": ("sns:Publish",)}


def apply():
    create, update = lambda_svc._create_esm, lambda_svc._update_esm
    put_config = lambda_svc._put_event_invoke_config
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create_resource, update_resource = handlers["create"], handlers["update"]

    def checked_update(mapping_id, data):
        mapping = lambda_svc._esms.get(mapping_id) or {}
        return _refusal({**mapping, **data}) or update(mapping_id, data)

    def checked_put(name, qualifier, data):
        return _refusal({**data, "FunctionName": name}) or put_config(name, qualifier, data)

    def created(logical_id, props, stack_name):
        _require(props)
        return create_resource(logical_id, props, stack_name)

    def updated(physical_id, old, new, stack_name):
        _require(new)
        return update_resource(physical_id, old, new, stack_name)

    lambda_svc._create_esm = lambda data: _refusal(data) or create(data)
    lambda_svc._update_esm = checked_update
    lambda_svc._put_event_invoke_config = checked_put
    handlers["create"], handlers["update"] = created, updated


def _refusal(settings):
    missing = _missing(settings)
    return missing and error_response_json("InvalidParameterValueException", missing, 400)


def _require(settings):
    if missing := _missing(settings):
        raise ValueError(missing)


def _missing(settings):
    """What a function's role lacks for its event source and destinations, in AWS's words; or None."""
    name, _ = lambda_svc._resolve_name_and_qualifier(settings.get("FunctionName", ""))
    function = lambda_svc._functions.get(name)
    if not function:
        return None  # what is wrong with that, Lambda says
    role = function["config"]["Role"].rsplit("/", 1)[-1]
    destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    for arn, rights in ((settings.get("EventSourceArn"), _READING), (destination, _SENDING)):
        for action in rights.get((arn or "::").split(":")[2], ()):
            if not roles.allows(role, roles.context(role, name, action, arn)):
                return f"The provided execution role does not have permissions to call {action} on {arn}"
    return None
