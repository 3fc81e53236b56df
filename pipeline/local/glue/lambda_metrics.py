"""Lambda's metrics: Invocations, Errors, Throttles, Duration and IteratorAge.

Gap: MiniStack counts what the Invoke API calls, by the function's name alone and a refused call twice, and nothing of what
API Gateway, event sources and events call. On AWS each invocation counts: for all functions, for the function, for the alias or
version that was asked for (Resource), and for the version that an alias led to (Resource and ExecutedVersion;
developer guide, "Types of metrics for Lambda functions"). A refused call counts only as throttled.
Not as on AWS: a cold start is part of Duration, and only DynamoDB streams have an IteratorAge.
Leans on: _execute_function_dispatch (as alias_weights.py, which must wrap this module's), _acquire_execution_slot and
_emit_lambda_metrics of services/lambda_svc.py.
"""

import time

from glue import alias_weights, service_metrics
from ministack.services import lambda_svc

_NAMESPACE = "AWS/Lambda"


def apply():
    dispatch, acquire = lambda_svc._execute_function_dispatch, lambda_svc._acquire_execution_slot

    def counted(func, config, event, request_id, started):
        begun, failed = time.perf_counter(), 1
        try:
            result = dispatch(func, config, event, request_id, started)
            failed = int(bool(result.get("error")))
            return result
        finally:
            duration = service_metrics.milliseconds(time.perf_counter() - begun)
            service_metrics.record(_NAMESPACE, _dimensions(config, config.get("Version")), (
                ("Invocations", "Count", 1), ("Errors", "Count", failed), ("Throttles", "Count", 0),
                ("Duration", "Milliseconds", duration)))

    def acquired(func, config):
        slot, limit = acquire(func, config)
        if slot is None:
            service_metrics.record(_NAMESPACE, _dimensions(config), (("Throttles", "Count", 1),))
        return slot, limit

    lambda_svc._execute_function_dispatch = counted
    lambda_svc._acquire_execution_slot = acquired
    lambda_svc._emit_lambda_metrics = lambda *_, **__: None


def iterator_age(config, seconds):
    """Notes how old the last record of a batch is when its function is called."""
    age = service_metrics.milliseconds(max(seconds, 0))
    service_metrics.record(_NAMESPACE, _dimensions(config), (("IteratorAge", "Milliseconds", age),))


def _dimensions(config, executed_version=None):
    """For which sets of dimensions an invocation counts. Only an alias' has the executed version."""
    name, qualifier = ("FunctionName", config.get("FunctionName", "")), alias_weights.qualifier(config)
    sets = [(), (name,)]
    if qualifier:
        resource = ("Resource", f"{name[1]}:{qualifier}")
        sets.append((name, resource))
        if executed_version and alias_weights.is_alias(qualifier):
            sets.append((name, resource, ("ExecutedVersion", executed_version)))
    return sets
