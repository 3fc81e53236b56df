"""Services fail when a test says so.

On AWS transactions conflict, calls are throttled and answers get lost; MiniStack always succeeds.
At /_local/faults, which like everything else only this machine reaches,
POST replaces the list of faults, GET answers what is left of it, DELETE clears it. A fault is

    {"service": "dynamodb", "operation": "TransactWriteItems", "fault": "conflict",
     "times": 3, "after": 0, "seconds": 20, "caller": "*"}

- service: as in SERVICE_HANDLERS of app.py; operation: the API's name for it, or `*`.
- fault: `conflict`: the transaction is cancelled, each of its items has TransactionConflict as reason
  (other operations than a DynamoDB transaction: TransactionConflictException);
  `throttle`: 400 ThrottlingException; `error`: 500 InternalServerError. Nothing is done.
  `timeout`: nothing is done, and there is no answer; `lost-answer`: it is done, without an answer.
- times (1): how many calls fail, counted from the one after the first `after` (0) that match.
- seconds (20): how long a caller without answer is kept waiting; one that is still there then gets
  a 503.
- caller (`*`): a pattern for the caller's ARN; a function is `*:assumed-role/<its role>/*`.
The first fault in the list that matches a call and has not begun to let it pass, takes it. A call must
be authenticated and authorized before it can fail.
Leans on: SERVICE_HANDLERS and `app` of app.py; caller_arn of core/iam_evaluator.py; extract_iam_action
of core/iam_actions.py for operations of REST APIs; error_response_json and error_response_xml of
core/responses.py.
"""

import asyncio
import fnmatch
import json
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json, error_response_xml

_PATH = "/_local/faults"
_DEFAULTS = {"operation": "*", "times": 1, "after": 0, "seconds": 20, "caller": "*"}
_FAULTS = ("conflict", "throttle", "timeout", "error", "lost-answer")
_faults = []


def apply():
    for service, handler in app.SERVICE_HANDLERS.items():
        app.SERVICE_HANDLERS[service] = _failing(service, handler)
    inner = app.app

    async def with_faults(scope, receive, send):
        if scope["type"] == "http" and scope["path"] == _PATH:
            await _serve(scope["method"], receive, send)
        else:
            await inner(scope, receive, send)

    app.app = with_faults


def _failing(service, handler):
    async def handle(method, path, headers, body, query_params):
        request = (method, path, headers, body, query_params)
        fault = _take(service, _operation(service, *request)) if _faults else None
        if fault is None:
            return await handler(*request)
        if fault["fault"] == "lost-answer":
            await handler(*request)
        if fault["fault"] in ("timeout", "lost-answer"):
            await asyncio.sleep(fault["seconds"])
        return _error(fault["fault"], headers, body)

    return handle


def _operation(service, method, path, headers, body, query_params):
    if target := headers.get("x-amz-target"):
        return target.rsplit(".", 1)[-1]
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        return parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return (iam_actions.extract_iam_action(service, method, path, headers, body, query_params) or "").split(":")[-1]


def _take(service, operation):
    """The fault that a call meets, or None; it is counted."""
    for fault in _faults:
        if (fault["service"] != service or fault["operation"] not in ("*", operation)
                or not fnmatch.fnmatchcase(iam_evaluator.caller_arn(), fault["caller"])):
            continue
        if fault["after"]:
            fault["after"] -= 1
            return None
        fault["times"] -= 1
        if not fault["times"]:
            _faults.remove(fault)
        return fault
    return None


def _error(kind, headers, body):
    if kind == "conflict":
        return _conflict(json.loads(body or b"{}").get("TransactItems"))
    code, status, message = {
        "throttle": ("ThrottlingException", 400, "Rate exceeded"),
        "error": ("InternalServerError", 500, "Internal server error"),
    }.get(kind, ("ServiceUnavailable", 503, "No answer"))
    respond = error_response_json if "json" in headers.get("content-type", "") else error_response_xml
    return respond(code, message, status)


def _conflict(items):
    if items is None:
        return error_response_json("TransactionConflictException", "Transaction is ongoing for the item", 400)
    codes = ["TransactionConflict" for _ in items]
    return error_response_json(
        "TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific"
        f" reasons [{', '.join(codes)}]", 400, extra={"CancellationReasons": [
            {"Code": code, "Message": "Transaction is ongoing for the item"} for code in codes]})


async def _serve(method, receive, send):
    status, answer = 200, None
    if method == "POST":
        try:
            _faults[:] = [_checked(fault) for fault in json.loads(await _body(receive))]
        except (ValueError, TypeError) as error:
            status, answer = 400, {"message": str(error)}
    elif method == "DELETE":
        _faults.clear()
    elif method != "GET":
        status, answer = 405, {"message": "GET, POST or DELETE"}
    body = json.dumps(_faults if answer is None else answer).encode()
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


def _checked(fault):
    if not isinstance(fault, dict) or not {"service", "fault"} <= fault.keys() <= {"service", "fault", *_DEFAULTS}:
        raise ValueError(f"A fault has service, fault and perhaps {', '.join(_DEFAULTS)}.")
    fault = _DEFAULTS | fault
    if fault["fault"] not in _FAULTS or fault["service"] not in app.SERVICE_HANDLERS:
        raise ValueError(f"There is no fault {fault['fault']} of a service {fault['service']}.")
    if not all(isinstance(fault[name], (int, float)) and fault[name] >= least
               for name, least in (("times", 1), ("after", 0), ("seconds", 0))):
        raise ValueError("times, after and seconds are numbers, times not below 1.")
    return fault


async def _body(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body
