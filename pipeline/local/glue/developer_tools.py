"""CodeCommit, CodeBuild, CodeDeploy and CodePipeline: their APIs are forwarded, after authentication and IAM.

Gap: MiniStack has no CodeCommit, CodeDeploy or CodePipeline, and lets their actions through unchecked;
its CodeBuild keeps records and runs nothing. On AWS every call is authorized on the ARN of the
repository, project, build's project, pipeline, stage or action that it names.
The newest SDKs speak RPC v2 CBOR to CodeBuild and CodePipeline; JSON 1.1 stays.
Leans on: SERVICE_HANDLERS of app.py; SERVICE_PATTERNS of core/router.py and `detect_service` as
imported by app.py; SERVICE_TO_IAM_NAMESPACE, extract_iam_action, extract_resource_arn,
access_denied_response of core/iam_actions.py, which app.py imports anew at each request; and
enforce of core/iam_evaluator.py.
"""

import http.client
import io
import json
import re

from botocore.parsers import ResponseParserError, RpcV2CBORParser
from glue import devtools, iam_resources
from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_account_id, get_region

_RPC_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)")
# Framing and identity belong to the connection that was received; MiniStack has inflated the body.
_NOT_FORWARDED = {"host", "connection", "content-length", "content-encoding", "transfer-encoding",
                  "expect", "authorization", "x-amz-security-token"}


def apply():
    detect_service = app.detect_service
    extract_iam_action = iam_actions.extract_iam_action
    extract_resource_arn = iam_actions.extract_resource_arn
    access_denied_response = iam_actions.access_denied_response

    def detect(method, path, headers, query_params):
        if rpc := _RPC_PATH.fullmatch(path):
            for service, api in devtools.API.items():
                if rpc[1] == api:
                    return service
        return detect_service(method, path, headers, query_params)

    def action(service, method, path, headers, body, query_params):
        if service in devtools.API:
            operation = _operation(service, path, headers)
            return f"{service}:{operation}" if operation else None
        return extract_iam_action(service, method, path, headers, body, query_params)

    def resource(service, method, path, headers, body, query_params, region, account_id):
        if service in devtools.API:
            return _resources(service, path, headers, body, region, account_id)[0]
        return extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)

    def denied(service, action, principal_arn, request_id, *, headers=None, **details):
        if service not in devtools.API:
            return access_denied_response(service, action, principal_arn, request_id, headers=headers, **details)
        code, message = "AccessDeniedException", iam_actions.identity_denial_message(
            action, principal_arn, details.get("resource_arn", "*"), details.get("explicit_deny", False))
        if details.get("error_code"):  # the credentials were refused, before any policy
            answer = json.loads(access_denied_response(
                service, action, principal_arn, request_id, headers=headers, **details)[2])
            code, message = answer["__type"], answer["message"]
        return _error(headers or {}, 400, code, message)

    app.detect_service = detect
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    iam_actions.access_denied_response = denied
    for service, api in devtools.API.items():
        router.SERVICE_PATTERNS[service] = {"target_prefixes": [api], "host_patterns": [rf"{service}\."],
                                            "credential_scope": service}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
        app.SERVICE_HANDLERS[service] = _handler(service)


def _handler(service):
    async def handle(method, path, headers, body, query_params):
        operation = _operation(service, path, headers)
        if operation is None:
            return _error(headers, 400, "UnknownOperationException", f"The request names no operation of {service}.")
        # The router has authorized the first resource. A batch may name more.
        for arn in _resources(service, path, headers, body, get_region(), get_account_id())[1:]:
            refusal = iam_evaluator.enforce(router.extract_access_key_id(headers, query_params),
                                            f"{service}:{operation}", service, get_region(), resource_arn=arn)
            if refusal:
                return _error(headers, 400, "AccessDeniedException", iam_actions.identity_denial_message(
                    f"{service}:{operation}", refusal.principal_arn, arn, refusal.decision == "Deny"))
        # Only what was authorized goes on: the one operation, in the one protocol.
        forwarded = {name: value for name, value in headers.items()
                     if name not in _NOT_FORWARDED and not name.startswith("x-devtools-")}
        forwarded["x-devtools-caller"] = iam_evaluator.caller_arn()
        if _RPC_PATH.fullmatch(path):
            forwarded.pop("x-amz-target", None)
            target = f"/service/{devtools.API[service]}/operation/{operation}"
        else:
            target = "/"
        try:
            status, answered, answer = await run_reentrant(devtools.request, "POST", target, forwarded, body)
        except (OSError, http.client.HTTPException) as error:
            return _error(headers, 503, "ServiceUnavailable", devtools.unavailable(error))
        kept = {name.title(): value for name, value in answered.items()
                if name.lower() in ("content-type", "smithy-protocol", "x-amzn-errortype", "x-amzn-query-error")}
        return status, kept, answer

    return handle


def _operation(service, path, headers):
    """The operation that a request names, or None."""
    if rpc := _RPC_PATH.fullmatch(path):
        return rpc[2] if rpc[1] == devtools.API[service] else None
    api, _, operation = headers.get("x-amz-target", "").partition(".")
    return operation if api == devtools.API[service] and operation.isalnum() else None


def _resources(service, path, headers, body, region, account_id):
    """The ARNs that a request is authorized on: at least one, `*` where AWS checks none."""
    try:
        if _RPC_PATH.fullmatch(path):
            parser = RpcV2CBORParser()
            data = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}
        else:
            data = json.loads(body or b"{}")
        return iam_resources.arns(service, _operation(service, path, headers), data, region, account_id,
                                 _group_of)
    except (ValueError, LookupError, TypeError, AttributeError, ResponseParserError):
        # Malformed input names no resource: the service says what is wrong with it.
        return ["*"]


def _group_of(deployment):
    """The application and the group of a deployment of CodeDeploy, which its requests do not name."""
    try:
        info = devtools.call("codedeploy", "GetDeployment", {"deploymentId": deployment})["deploymentInfo"]
    except devtools.Failed:
        return None
    return info["applicationName"], info["deploymentGroupName"]


def _error(headers, status, code, message):
    """An error in the protocol of the request."""
    if "cbor" in headers.get("smithy-protocol", "") or "cbor" in headers.get("content-type", ""):
        return status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, _cbor_map(
            {"__type": code, "message": message})
    return (status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code},
            json.dumps({"__type": code, "message": message}).encode())


def _cbor_map(strings):
    """A CBOR map of text to text (RFC 8949: major types 5 and 3)."""
    out = io.BytesIO()
    out.write(bytes([0xA0 | len(strings)]))
    for text in (part.encode() for pair in strings.items() for part in pair):
        out.write(b"\x79" + len(text).to_bytes(2, "big") + text)
    return out.getvalue()
