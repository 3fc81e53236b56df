"""AWS APIs by boto3, one after the other: reads {"service", "operation", "input"}, a line of JSON each, and writes a line
of JSON for it, {"answer": …} or {"error": "<code>: <message>"}. Ends with its input."""

import functools
import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

client = functools.cache(boto3.client)


def call(service, operation, input):
    try:
        answer = getattr(client(service), operation)(**input)
    except ClientError as error:
        return {"error": f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"}
    except BotoCoreError as error:
        return {"error": f"{type(error).__name__}: {error}"}
    answer.pop("ResponseMetadata", None)
    return {"answer": answer}


for line in sys.stdin:
    print(json.dumps(call(**json.loads(line)), default=str), flush=True)
