"""The URL of an HTTP API resolves everywhere.

Gap: MiniStack's ApiEndpoint is http://<id>.execute-api.localhost:<port>, and glibc, macOS and
Python, Node and Rust with them do not resolve *.localhost. The path form on plain `localhost`
reaches the same API, and with it the `$default` stage without a stage in the path. On AWS it is
https://<id>.execute-api.<region>.amazonaws.com.
Leans on: _create_api and _apis of services/apigateway.py (records keep `apiEndpoint`);
_RESOURCE_HANDLERS of cloudformation/provisioners.py; the path form and `$default` resolution in app.py.
"""

import json
import os

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::ApiGatewayV2::Api"


def url(api_id):
    return f"http://localhost:{os.environ['GATEWAY_PORT']}/_aws/execute-api/{api_id}"


def apply():
    create_api = apigateway._create_api
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update = handlers["create"], handlers["update"]

    def created(data):
        status, headers, body = create_api(data)
        if status >= 400:
            return status, headers, body
        return apigateway._apigw_response(_set_endpoint(json.loads(body)["apiId"]), status)

    def provisioned(made):
        api_id, attributes = made
        return api_id, {**attributes, "ApiEndpoint": _set_endpoint(api_id)["apiEndpoint"]}

    apigateway._create_api = created
    handlers["create"] = lambda *arguments: provisioned(create(*arguments))
    handlers["update"] = lambda *arguments: provisioned(update(*arguments))


def _set_endpoint(api_id):
    api = apigateway._apis[api_id]
    if api["protocolType"] == "HTTP":
        api["apiEndpoint"] = url(api_id)
    return api
