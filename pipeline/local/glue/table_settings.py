"""AWS::DynamoDB::Table has all the settings of its template.

Gap: MiniStack drops TimeToLiveSpecification and PointInTimeRecoverySpecification, takes the text
"false" for true, and deletes tables with DeletionProtectionEnabled when their stack goes. On AWS
each is set by a call of the service's API after the table is made, and such a table cannot be
deleted: the stack's deletion fails.
Leans on: _RESOURCE_HANDLERS of cloudformation/provisioners.py; _tables, _ttl_settings, _update_ttl
and _update_continuous_backups of services/dynamodb.py.
"""

from glue.api_shapes import to_input
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::DynamoDB::Table"


def apply():
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def created(logical_id, props, stack_name):
        made = create(logical_id, _typed(props), stack_name)
        dynamodb._ttl_settings.pop(made[0], None)  # of an earlier table of this name
        _set(made[0], {}, props)
        return made

    def updated(physical_id, old, new, stack_name, logical_id=None):
        made = update(physical_id, _typed(old), _typed(new), stack_name, logical_id)
        _set(made[0], old, new)
        return made

    def deleted(physical_id, props):
        if (dynamodb._tables.get(physical_id) or {}).get("DeletionProtectionEnabled"):
            raise ValueError(f"Table {physical_id} is protected against deletion (DeletionProtectionEnabled).")
        delete(physical_id, props)

    handlers |= {"create": created, "update": updated, "delete": deleted}


def _typed(props):
    """Text where a template has text for a boolean becomes one."""
    typed = {**props, "DeletionProtectionEnabled": _is_true(props.get("DeletionProtectionEnabled"))}
    stream = props.get("StreamSpecification")
    # In a template a specification is a stream; whether it is enabled, the API is told.
    return {**typed, "StreamSpecification": {**stream, "StreamEnabled": True}} if stream else typed


def _is_true(value):
    return str(value).lower() == "true"


def _set(name, old, new):
    before, after = old.get("TimeToLiveSpecification"), new.get("TimeToLiveSpecification")
    if before != after:
        # A specification that is gone ends the expiry that it set.
        expiry = after or {"AttributeName": before["AttributeName"], "Enabled": False}
        _call("UpdateTimeToLive", dynamodb._update_ttl, {"TableName": name, "TimeToLiveSpecification": expiry})
    before, after = old.get("PointInTimeRecoverySpecification"), new.get("PointInTimeRecoverySpecification")
    if before != after:
        _call("UpdateContinuousBackups", dynamodb._update_continuous_backups, {
            "TableName": name, "PointInTimeRecoverySpecification": after or {"PointInTimeRecoveryEnabled": False}})


def _call(operation, function, data):
    status, _, body = function(to_input("dynamodb", operation, data))
    if status >= 400:
        raise ValueError(f"{operation} of {data['TableName']} failed: {body!r}")
