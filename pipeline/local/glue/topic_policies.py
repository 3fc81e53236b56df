"""A topic of a template is as closed as one made by the API.

Gap: the default policy of MiniStack's AWS::SNS::Topic lets everybody publish and subscribe, other
accounts too. On AWS its condition AWS:SourceOwner, which only services fulfil, leaves roles and
users to their own policies; so MiniStack's CreateTopic has it.
Leans on: _RESOURCE_HANDLERS of cloudformation/provisioners.py; _topics of services/sns.py.
"""

import json

from ministack.services import sns
from ministack.services.cloudformation import provisioners


def apply():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create = handlers["create"]

    def created(logical_id, props, stack_name):
        made = create(logical_id, props, stack_name)
        attributes = sns._topics[made[0]]["attributes"]
        policy = json.loads(attributes["Policy"])
        policy["Statement"][0]["Condition"] = {"StringEquals": {"AWS:SourceOwner": attributes["Owner"]}}
        attributes["Policy"] = json.dumps(policy)
        return made

    handlers["create"] = created
