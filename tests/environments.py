"""The environment of the functions in a deployed stack.

environments.py STACK           {LogicalId: {NAME: value}}, the form that `sam local` reads by --env-vars
environments.py STACK --export  all of them as `export` lines, for a shell that runs `cargo lambda watch`
"""

import json
import shlex
import sys

import boto3

stack, *export = sys.argv[1:]
functions = boto3.client("lambda")
pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
environments = {}
for one in pages.search("StackResourceSummaries[?ResourceType=='AWS::Lambda::Function'][]"):
    configuration = functions.get_function_configuration(FunctionName=one["PhysicalResourceId"])
    environments[one["LogicalResourceId"]] = configuration.get("Environment", {}).get("Variables", {})

if export:
    for name, value in sorted({pair for variables in environments.values() for pair in variables.items()}):
        print(f"export {name}={shlex.quote(value)}")
else:
    print(json.dumps(environments))
