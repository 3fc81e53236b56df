"""A function that fails behind an HTTP API tells its caller nothing.

Gap: MiniStack answers 502 with the function's error text. AWS answers
500 {"message":"Internal Server Error"}.
Leans on: _invoke_lambda_proxy of services/apigateway.py, which calls
lambda_execute_result_to_api_proxy_response of services/lambda_svc.py, as REST APIs do.
"""

import contextvars

from ministack.services import apigateway, lambda_svc

_http_api = contextvars.ContextVar("http_api", default=False)
_ANSWER = {"statusCode": 500, "headers": {"Content-Type": "application/json"},
           "body": '{"message":"Internal Server Error"}'}


def apply():
    invoke, respond = apigateway._invoke_lambda_proxy, lambda_svc.lambda_execute_result_to_api_proxy_response

    async def invoke_for_http_api(*arguments, **more):
        token = _http_api.set(True)
        try:
            return await invoke(*arguments, **more)
        finally:
            _http_api.reset(token)

    def responded(result):
        if _http_api.get() and result.get("error") and not result.get("throttle"):
            return _ANSWER, None
        return respond(result)

    apigateway._invoke_lambda_proxy = invoke_for_http_api
    lambda_svc.lambda_execute_result_to_api_proxy_response = responded
