"""A MiniStack with the glue and a fake of the developer tools, for tests."""

import atexit
import functools
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from botocore.config import Config

TOKEN = "test-token"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FakeTools:
    """Records requests. `answers` are functions from the input by operation; for others, `{}`."""

    def __init__(self):
        self.requests = []  # (path, headers, body)
        self.answers = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_): pass

            def body(self):
                if self.headers.get("transfer-encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length", 0)))
                chunks = []
                while size := int(self.rfile.readline(), 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)

            def do_POST(self):
                body = self.body()
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.requests.append((self.path, headers, body))
                status, answered, answer = fake.answer(self.path, headers, body)
                self.send_response(status)
                for name, value in answered.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address): pass  # tests hang up on purpose

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, path, headers, body):
        if path.startswith("/v1/repos/"):
            return 200, {"content-type": "text/plain", "x-path": path}, body
        if path.startswith("/service/"):
            return 200, {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, b"\xa0"
        operation = headers["x-amz-target"].split(".")[1]
        answer = self.answers.get(operation, lambda _: {})(json.loads(body))
        status = 400 if "__type" in answer else 200
        return status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def calls(self, operation):
        """The inputs of the calls of an operation."""
        return [json.loads(body) for _, headers, body in self.requests
                if headers.get("x-amz-target", "").endswith(f".{operation}")]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Cloud:
    def __init__(self):
        self.tools = FakeTools()
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.start()

    def start(self, seconds=15):
        folder = Path(self.folder.name)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AUTH": "true", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port), "IOT_MTLS_ENABLED": "0", "PERSIST_STATE": "1", "S3_PERSIST": "1",
            "STATE_DIR": str(folder / "state"), "S3_DATA_DIR": str(folder / "s3"), "TMPDIR": str(folder),
            "DEVTOOLS_URL": self.tools.url, "DEVTOOLS_TOKEN": TOKEN}
        self.log = folder / "log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "glue"], env=environment, stdout=log,
                                            stderr=subprocess.STDOUT, cwd=Path(__file__).parents[2])
        wait_for(lambda: self.get("/_ministack/health")[0] == 200, "MiniStack to answer", self.log, seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def close(self):
        self.stop()
        self.tools.close()
        self.folder.cleanup()

    def client(self, service, key="test", secret="test", token=None, **config):
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret, aws_session_token=token,
                            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **config))

    def get(self, path, method="GET", headers=None, body=None):
        """Status, headers and body of a plain request, whatever the status."""
        url = path if path.startswith("http") else self.url + path
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}, method=method), timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()
        except (urllib.error.URLError, OSError):
            return 0, {}, b""

    def browse(self, url, method="GET", headers=None, body=None):
        """The same as a browser asks: any *.localhost is this machine. No redirect is followed."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, {"Host": parts.netloc, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def role(self, name, service, *statements, trust=None):
        """Make a role that trusts a service, with one policy; answer its ARN."""
        iam = self.client("iam")
        trust = trust or {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]}))
        return arn

    def session(self, role_arn):
        """The arguments of `client` that take on a role."""
        made = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return {"key": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}

    def deploy(self, stack, template, **parameters):
        """Create or update a stack; answer it. The template is a dict."""
        cfn = self.client("cloudformation")
        arguments = {"StackName": stack, "TemplateBody": json.dumps(template),
                     "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                     "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]}
        try:
            cfn.create_stack(**arguments)
        except cfn.exceptions.AlreadyExistsException:
            cfn.update_stack(**arguments)
        return self.settled(stack)

    def settled(self, stack):
        cfn = self.client("cloudformation")
        states = []
        wait_for(lambda: states.append(cfn.describe_stacks(StackName=stack)["Stacks"][0])
                 or not states[-1]["StackStatus"].endswith("_IN_PROGRESS"), f"stack {stack}", self.log)
        return states[-1]

    def reasons(self, stack):
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events]


@functools.cache
def shared_cloud():
    """One for all tests that leave the process and each other's resources alone."""
    cloud = Cloud()
    atexit.register(cloud.close)
    return cloud


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def wait_for(condition, what, log=None, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s for {what}." + (f"\n{log.read_text()[-4000:]}" if log else ""))
        time.sleep(0.05)


# A `provided` runtime: answers its event, prints `log` when the event has one, calls no other service.
BOOTSTRAP = f"""#!{sys.executable}
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event, id = json.loads(answer.read()), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    if "log" in event:
        print(event["log"], flush=True)
    if "variables" in event:
        event = {{name: os.environ.get(name) for name in event["variables"]}}
    result = {{"statusCode": 200, "headers": {{"content-type": "application/json"}}, "body": json.dumps(event)}}
    api.request("POST", f"/2018-06-01/runtime/invocation/{{id}}/response", json.dumps(result))
    api.getresponse().read()
"""


def bootstrap_zip():
    """A deployment package with BOOTSTRAP."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, BOOTSTRAP)
    return package.getvalue()
