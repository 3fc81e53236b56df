"""Calls to the developer tools: the service (written in Rust, beside this folder) that is
CodeCommit, CodeBuild, CodeDeploy and CodePipeline for the local cloud.

DEVTOOLS_URL is its address (http://127.0.0.1:<port>). DEVTOOLS_TOKEN is a secret that both
processes share: requests with it were authenticated and authorized here, so the service answers
no others.
"""

import hmac
import http.client
import json
import os
from urllib.parse import urlsplit

from ministack.core.responses import get_account_id, get_region

_url = urlsplit(os.environ["DEVTOOLS_URL"])
HOST, PORT = _url.hostname, _url.port
TOKEN_HEADER = "x-devtools-token"
_TOKEN = os.environ["DEVTOOLS_TOKEN"]

# The prefix of X-Amz-Target, which is also the service's name in the paths of RPC v2 CBOR.
API = {
    "codecommit": "CodeCommit_20150413",
    "codebuild": "CodeBuild_20161006",
    "codedeploy": "CodeDeploy_20141006",
    "codepipeline": "CodePipeline_20150709",
}


class Failed(Exception):
    """The developer tools refused a call. `code` is the AWS error code."""

    def __init__(self, service, status, code, message):
        super().__init__(f"{message} (Service: {service}, Status Code: {status}, Error: {code})")
        self.code = code


def is_token(value):
    """Whether `value` is the shared secret (constant time)."""
    return hmac.compare_digest(value.encode(), _TOKEN.encode())


def scope_headers():
    """The headers of every request: the secret, and the account and region of the current request."""
    return {
        TOKEN_HEADER: _TOKEN,
        "x-devtools-account": get_account_id(),
        "x-devtools-region": get_region(),
    }


def request(method, path, headers, body):
    """Send one request and return status, headers and body. Blocks: not for the event loop.

    Raises OSError or http.client.HTTPException when the service does not answer.
    """
    connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
    try:
        connection.request(method, path, body, {**headers, **scope_headers()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def call(service, operation, data, headers=None):
    """Call an operation by JSON 1.1 and return its output. Blocks. Raises Failed."""
    try:
        status, _, body = request("POST", "/", {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"{API[service]}.{operation}",
            **(headers or {}),
        }, json.dumps(data).encode())
        answer = json.loads(body or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(service, 503, "ServiceUnavailable", unavailable(error)) from error
    if status >= 400:
        code = answer.get("__type", "InternalFailure").rsplit("#", 1)[-1]
        raise Failed(service, status, code, answer.get("message") or answer.get("Message") or code)
    return answer


def unavailable(error):
    """The message for a developer tools service that does not answer."""
    return (f"The local developer tools do not answer at http://{HOST}:{PORT} ({error}). "
            "`cargo local up` starts them.")
