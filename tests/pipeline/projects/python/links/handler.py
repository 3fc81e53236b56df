import os

from . import read


def handler(event, context):
    path = read(event["pathParameters"]["link"], os.environ["SECRET"])
    if path is None:
        return {"statusCode": 410}
    return {"statusCode": 302, "headers": {"Location": path}}
