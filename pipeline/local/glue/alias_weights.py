"""The weights of an alias split its traffic.

Gap: MiniStack keeps an alias' RoutingConfig and sends every invocation to the alias' own version. AWS sends each to one of
the two, by chance and weight, whoever calls: the Invoke API, API Gateway, events, event sources. The function then learns
the alias by its invoked ARN.
Here the version is chosen when the function runs, so that a poll of an empty queue chooses nothing; only the Invoke API
chooses before, as it answers with X-Amz-Executed-Version.
Not as on AWS: there is no chance in it. The weights are kept exactly (smooth weighted round robin): of any ten invocations
of an alias with 0.1 one goes to the other version, so that a test needs no luck.
Leans on: _invoke, _get_func_record_for_ref, _get_func_record_for_qualifier, _execute_function_dispatch (called once for each
invocation, in the function's account and region), _functions, _resolve_name_and_qualifier and _qp_first of
services/lambda_svc.py. An alias is known there by the last part of the configuration's FunctionArn, as _invoke has it.
"""

import threading
from contextvars import ContextVar

from ministack.services import lambda_svc

_SCALE = 10_000  # weights are calculated in whole parts of this, as sums of floats drift
_chosen = ContextVar("the ARN of an alias and the version that the Invoke API has chosen", default=(None, None))
_credits = {}  # by the alias' ARN: its shares, and what each version has to its credit
_lock = threading.Lock()


def apply():
    by_ref, by_qualifier = lambda_svc._get_func_record_for_ref, lambda_svc._get_func_record_for_qualifier
    invoke, dispatch = lambda_svc._invoke, lambda_svc._execute_function_dispatch

    def record_for_ref(function_ref):
        record, config, name = by_ref(function_ref)
        return *_invoked_by(lambda_svc._resolve_name_and_qualifier(function_ref)[1], record, config), name

    def record_for_qualifier(name, qualifier):
        return _invoked_by(qualifier, *by_qualifier(name, qualifier))

    async def invoke_chosen(name, event, headers, path_qualifier=None, query_params=None):
        alias = _alias(lambda_svc._functions.get(name), path_qualifier
                       or lambda_svc._qp_first(query_params or {}, "Qualifier")
                       or lambda_svc._qp_first(headers, "x-amz-qualifier"))
        if alias is None:
            return await invoke(name, event, headers, path_qualifier, query_params)
        version = next_version(alias)
        token = _chosen.set((alias["AliasArn"], version))
        try:
            status, answered, body = await invoke(name, event, headers, path_qualifier, query_params)
        finally:
            _chosen.reset(token)
        if "X-Amz-Executed-Version" in answered:
            answered["X-Amz-Executed-Version"] = version
        return status, answered, body

    def dispatch_chosen(func, config, event, request_id, started):
        if record := _record(config):
            func, config = record, record["config"]
        return dispatch(func, config, event, request_id, started)

    lambda_svc._get_func_record_for_ref = record_for_ref
    lambda_svc._get_func_record_for_qualifier = record_for_qualifier
    lambda_svc._invoke = invoke_chosen
    lambda_svc._execute_function_dispatch = dispatch_chosen


def qualifier(config):
    """By which alias or version a function is invoked, or None. A version's own configuration has its number."""
    parts = config.get("FunctionArn", "").split(":", 7)
    return parts[7] if len(parts) == 8 else None


def is_alias(name):
    return name is not None and name != "$LATEST" and not name.isdigit()


def next_version(alias):
    """The version that the next invocation of an alias goes to."""
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    shares = {version: round(float(weight) * _SCALE) for version, weight in weights.items()}
    own = alias.get("FunctionVersion", "$LATEST")
    if not any(shares.values()):
        return own
    shares = {own: _SCALE - sum(shares.values()), **shares}
    with _lock:
        known, credit = _credits.get(alias["AliasArn"], (None, None))
        if known != shares:  # the alias was changed: counted anew
            credit = dict.fromkeys(shares, 0)
            _credits[alias["AliasArn"]] = shares, credit
        for version, share in shares.items():
            credit[version] += share
        version = max(credit, key=credit.get)
        credit[version] -= _SCALE
        return version


def _alias(function, name):
    return ((function or {}).get("aliases") or {}).get(name)


def _invoked_by(name, record, config):
    """The record and configuration with the ARN of the alias by which they were found."""
    if config is None or not is_alias(name):
        return record, config
    config = {**config, "FunctionArn": ":".join([*config["FunctionArn"].split(":")[:7], name])}
    return {**record, "config": config}, config


def _record(config):
    """What runs when an alias is invoked: the chosen version's code and configuration. None for other invocations."""
    function = lambda_svc._functions.get(config.get("FunctionName"))
    alias = _alias(function, qualifier(config))
    if alias is None:
        return None
    arn, version = _chosen.get()
    if arn != alias["AliasArn"]:
        version = next_version(alias)
    record = function if version == "$LATEST" else function["versions"].get(version)
    return record and {**record, "config": {**record["config"], "FunctionArn": alias["AliasArn"]}}
