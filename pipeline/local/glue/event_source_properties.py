"""AWS::Lambda::EventSourceMapping has all the properties of its template.

Gap: MiniStack keeps the text "false" as true, reports a mapping that is created disabled as enabled,
keeps what an update drops, keeps the old alias when an update names another, gives a stream the
batch size of a queue, and drops Tags.
Leans on: _RESOURCE_HANDLERS of cloudformation/provisioners.py; _esms, whose records have the
properties, and _resolve_name_and_qualifier of services/lambda_svc.py.
"""

from glue.api_shapes import to_input
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::Lambda::EventSourceMapping"


def apply():
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id, props, stack_name):
        props = _effective(props)
        return _finished(create(logical_id, props, stack_name), props)

    def updated(physical_id, old, new, stack_name):
        old, new = _effective(old), _effective(new)
        made = update(physical_id, old, new, stack_name)
        for name in old.keys() - new.keys():
            lambda_svc._esms[made[0]].pop(name, None)
        return _finished(made, new)

    handlers["create"], handlers["update"] = created, updated


def _effective(props):
    typed = to_input("lambda", "CreateEventSourceMapping", props)
    queue = props.get("EventSourceArn", "").startswith("arn:aws:sqs:")
    return {"Enabled": True, "BatchSize": 10 if queue else 100, "FunctionResponseTypes": [],
            "MaximumBatchingWindowInSeconds": 0, **typed}


def _finished(made, props):
    mapping = lambda_svc._esms[made[0]]
    _, mapping["Qualifier"] = lambda_svc._resolve_name_and_qualifier(props["FunctionName"])
    mapping["State"] = "Enabled" if props["Enabled"] else "Disabled"
    if "Tags" in props:
        mapping["Tags"] = props["Tags"]
    return made
