"""What measurements fill, so that a stack's own data stay as they are: a table, a bucket, a queue and a topic.

scratch.py create NAME LIKE_TABLE prints the variables that functions find them by; scratch.py delete NAME removes them.
"""

import json
import sys

import boto3
from botocore.config import Config

action, name, *like = sys.argv[1:]
dynamodb, sqs, sns = (boto3.client(service) for service in ("dynamodb", "sqs", "sns"))
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))

queue = sqs.create_queue(QueueName=name)["QueueUrl"]  # these two answer what is there, if it is
topic = sns.create_topic(Name=name)["TopicArn"]
if action == "create":
    table = dynamodb.describe_table(TableName=like[0])["Table"]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=table["AttributeDefinitions"],
        KeySchema=table["KeySchema"],
    )
    s3.create_bucket(Bucket=name)
    names = {"TABLE_NAME": name, "UPLOADS_BUCKET": name, "COVERS_BUCKET": name}
    print(json.dumps({**names, "QUEUE_URL": queue, "TOPIC_ARN": topic}))
else:
    dynamodb.delete_table(TableName=name)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for one in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=one["Key"])
    s3.delete_bucket(Bucket=name)
    sqs.delete_queue(QueueUrl=queue)
    sns.delete_topic(TopicArn=topic)
    print("{}")
