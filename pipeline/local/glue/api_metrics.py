"""API Gateway's metrics of HTTP APIs: Count, 4xx, 5xx, Latency and IntegrationLatency, by ApiId, and by ApiId and Stage.

Gap: MiniStack makes none, so that no alarm on them ever rings. On AWS each request counts (developer guide, "Monitor
CloudWatch metrics for HTTP APIs"); 4xx and 5xx are 0 or 1 for each, so that their average is a rate.
Not as on AWS: there are no metrics by route, and no DataProcessed.
Leans on: _handle_execute_in_scope, _invoke_lambda_proxy, _invoke_http_proxy, _apis and _stages of
services/apigateway.py.
"""

import time
from contextvars import ContextVar

from glue import service_metrics
from ministack.services import apigateway

_integration = ContextVar("seconds that a request's integration took", default=None)


def apply():
    execute = apigateway._handle_execute_in_scope

    async def counted(api_id, stage, *arguments, **more):
        if api_id not in apigateway._apis:
            return await execute(api_id, stage, *arguments, **more)
        status, seconds, begun = 500, [], time.perf_counter()
        token = _integration.set(seconds)
        try:
            answer = await execute(api_id, stage, *arguments, **more)
            status = int(answer[0])
            return answer
        finally:
            _integration.reset(token)
            _record(api_id, stage, status, time.perf_counter() - begun, seconds)

    apigateway._handle_execute_in_scope = counted
    apigateway._invoke_lambda_proxy = _timed(apigateway._invoke_lambda_proxy)
    apigateway._invoke_http_proxy = _timed(apigateway._invoke_http_proxy)


def _timed(invoke):
    async def timed(*arguments, **more):
        begun = time.perf_counter()
        try:
            return await invoke(*arguments, **more)
        finally:
            if (seconds := _integration.get()) is not None:
                seconds.append(time.perf_counter() - begun)

    return timed


def _record(api_id, stage, status, latency, integration):
    api = ("ApiId", api_id)
    values = [("Count", "Count", 1), ("4xx", "Count", int(400 <= status < 500)), ("5xx", "Count", int(status >= 500)),
              ("Latency", "Milliseconds", service_metrics.milliseconds(latency))]
    if integration:
        values.append(("IntegrationLatency", "Milliseconds", service_metrics.milliseconds(sum(integration))))
    is_known = stage in apigateway._stages.get(api_id, {})  # of any other, a client might send thousands
    sets = ((api,), (api, ("Stage", stage))) if is_known else ((api,),)
    service_metrics.record("AWS/ApiGateway", sets, values)
