"""Events of AWS services: the developer tools may publish with a source `aws.…`.

Gap: PutEvents refuses such a source from everybody, as AWS does from customers; MiniStack's own
services publish by an argument of a function, which another process cannot pass. On AWS,
CodeCommit, CodeBuild and CodePipeline raise their events inside the cloud.
Leans on: _put_events(data, allow_aws_source) of services/eventbridge.py, called by its
handle_request through the module, and SERVICE_HANDLERS["events"] of app.py.
"""

import contextvars

from glue import devtools
from ministack import app
from ministack.services import eventbridge

_from_developer_tools = contextvars.ContextVar("from_developer_tools", default=False)


def apply():
    handle_request = app.SERVICE_HANDLERS["events"]
    put_events = eventbridge._put_events

    async def handle(method, path, headers, body, query_params):
        _from_developer_tools.set(devtools.is_token(headers.get(devtools.TOKEN_HEADER, "")))
        return await handle_request(method, path, headers, body, query_params)

    def put(data, allow_aws_source=False):
        return put_events(data, allow_aws_source or _from_developer_tools.get())

    app.SERVICE_HANDLERS["events"] = handle
    eventbridge._put_events = put
