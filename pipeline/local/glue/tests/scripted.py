"""A function whose answers a test writes, and whose invocations it reads."""

import io
import json
import sys
import zipfile
from pathlib import Path

# A `provided` runtime: notes each event in FOLDER/events, and answers what `answer` of
# FOLDER/answer.py says, or raises. Calls no other service.
_BOOTSTRAP = f"""#!{sys.executable}
import http.client, json, os, pathlib
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
folder = pathlib.Path(os.environ["FOLDER"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    invocation = api.getresponse()
    event, id = json.loads(invocation.read()), invocation.headers["Lambda-Runtime-Aws-Request-Id"]
    with (folder / "events").open("a") as events:
        events.write(json.dumps(event) + "\\n")
    kind, scope = "response", {{}}
    try:
        exec((folder / "answer.py").read_text(), scope)
        result = scope["answer"](event)
    except Exception as error:
        kind, result = "error", {{"errorMessage": str(error), "errorType": type(error).__name__}}
    api.request("POST", f"/2018-06-01/runtime/invocation/{{id}}/{{kind}}", json.dumps(result))
    api.getresponse().read()
"""


class ScriptedFunction:
    def __init__(self, cloud, name, answer="None", role=None):
        """`answer` is an expression in `event`; `die(reason)` raises."""
        self.folder = Path(cloud.folder.name, "scripted", name)
        self.folder.mkdir(parents=True)
        self.name = name
        self.answers(answer)
        role = role or cloud.role(name, "lambda.amazonaws.com", ("*", "*"))
        self.arn = cloud.client("lambda").create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": zipped()},
            Environment={"Variables": self.environment}, Timeout=10)["FunctionArn"]

    @property
    def environment(self):
        return {"FOLDER": str(self.folder)}

    def answers(self, expression):
        script = f"def die(reason):\n    raise RuntimeError(reason)\ndef answer(event):\n    return {expression}\n"
        (self.folder / "new").write_text(script)
        (self.folder / "new").rename(self.folder / "answer.py")

    @property
    def events(self):
        file = self.folder / "events"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def zipped(*replaced):
    """The deployment package of a scripted function; of other code, if a text of it and its replacement are given."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, _BOOTSTRAP.replace(*replaced) if replaced else _BOOTSTRAP)
    return package.getvalue()
