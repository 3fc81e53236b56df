"""An OPTIONS request goes where the routes of an HTTP API send it.

Gap: MiniStack answers every OPTIONS request from the API's CORS configuration. AWS does so where no
route matches: an ANY or `$default` route catches OPTIONS like any other method (developer guide,
"Configure CORS for HTTP APIs", on `$default`), with its authorizer and its function, and then only
adds the configured headers to the answer. A function behind `$default` that answers a preflight with an
error breaks it in the browser.
Leans on: _handle_execute_in_scope, _match_route, _invoke_lambda_proxy, _invoke_http_proxy,
_cors_preflight_response and _apis of services/apigateway.py; _handle_execute_in_scope compares the
method with "OPTIONS", so that one in lower case gets past.
"""

from ministack.services import apigateway

_LOWER = "options"


def apply():
    execute, match = apigateway._handle_execute_in_scope, apigateway._match_route
    invoke_lambda, invoke_http = apigateway._invoke_lambda_proxy, apigateway._invoke_http_proxy

    async def handle(api_id, stage, path, method, headers, body, query_params, *rest):
        api = apigateway._apis.get(api_id)
        if method != "OPTIONS" or not api or not match(api_id, method, "/" + path.lstrip("/")):
            return await execute(api_id, stage, path, method, headers, body, query_params, *rest)
        status, answered, answer = await execute(api_id, stage, path, _LOWER, headers, body, query_params, *rest)
        cors, asked = api.get("corsConfiguration"), {name.lower(): value for name, value in headers.items()}
        if cors and "access-control-request-method" in asked:
            allowed = apigateway._cors_preflight_response(cors, asked.get("origin", ""))
            if allowed[0] < 400:
                answered |= {name: value for name, value in allowed[1].items() if name.startswith("Access-Control-")}
        return status, answered, answer

    apigateway._handle_execute_in_scope = handle
    apigateway._match_route = lambda api_id, method, path: match(api_id, method.upper(), path)
    apigateway._invoke_lambda_proxy = _with_upper_method(invoke_lambda, 4)
    apigateway._invoke_http_proxy = _with_upper_method(invoke_http, 2)


def _with_upper_method(invoke, position):
    async def upper(*arguments, **more):
        return await invoke(*arguments[:position], arguments[position].upper(), *arguments[position + 1:], **more)

    return upper
