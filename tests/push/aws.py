"""One call of an AWS API: aws.py SERVICE OPERATION [INPUT AS JSON]. Prints the answer as JSON."""

import json
import sys

import boto3

service, operation, *arguments = sys.argv[1:]
answer = getattr(boto3.client(service), operation)(**json.loads(arguments[0] if arguments else "{}"))
answer.pop("ResponseMetadata")
print(json.dumps(answer, default=str))
