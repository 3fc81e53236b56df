"""A stack's log group without a name of its own has one that begins with the stack's.

Gap: MiniStack calls it /aws/cloudformation/<stack>/<logical id>, so a role that may do something to <stack>-* could do
nothing to it. AWS names it <stack>-<logical id>-<random>, as other resources.
Leans on: _RESOURCE_HANDLERS and _physical_name of cloudformation/provisioners.py.
"""

from ministack.services.cloudformation import provisioners


def apply():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"]
    create, update = handlers["create"], handlers["update"]

    def created(logical_id, props, stack_name):
        name = props.get("LogGroupName") or provisioners._physical_name(stack_name, logical_id, max_len=512)
        return create(logical_id, {**props, "LogGroupName": name}, stack_name)

    def updated(physical_id, old, new, stack_name, logical_id=None):
        return update(physical_id, old, {**new, "LogGroupName": new.get("LogGroupName") or physical_id}, stack_name, logical_id)

    handlers["create"], handlers["update"] = created, updated
