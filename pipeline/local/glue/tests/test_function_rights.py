import unittest

import botocore.exceptions
from glue.tests.cloud import shared_cloud
from glue.tests.scripted import ScriptedFunction, zipped
from glue.tests.test_stream_sources import KEYS

SOURCE = {"EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "LATEST"}


def template(function, failures):
    return {"Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
            "BillingMode": "PAY_PER_REQUEST", **KEYS, "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": function, "DestinationConfig": {"OnFailure": {"Destination": failures}}, **SOURCE}}}}


class FunctionRights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.functions = cls.cloud.client("lambda")
        sqs = cls.cloud.client("sqs")
        cls.queue = sqs.get_queue_attributes(QueueUrl=sqs.create_queue(QueueName="rights")["QueueUrl"],
                                             AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def function(self, name, *rights):
        return ScriptedFunction(self.cloud, name, role=self.cloud.role(name, "lambda.amazonaws.com", *rights))

    def test_streams_and_their_destinations(self):
        stream = tuple(f"dynamodb:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream"))
        for name, rights, lacks in (
                ("no-stream", [("sqs:SendMessage", self.queue)], "dynamodb:GetRecords on arn:aws:dynamodb:"),
                ("no-send", [(list(stream), "*")], f"sqs:SendMessage on {self.queue}"),
                ("both", [(list(stream), "*"), ("sqs:SendMessage", self.queue)], None)):
            with self.subTest(name):
                made = self.cloud.deploy(name, template(self.function(name, *rights).arn, self.queue))
                self.assertEqual(made["StackStatus"], "ROLLBACK_COMPLETE" if lacks else "CREATE_COMPLETE")
                self.assertIn(lacks or "", "".join(self.cloud.reasons(name)))

    def test_a_role_that_sam_makes_suffices(self):
        self.cloud.client("s3").create_bucket(Bucket="rights-code")
        self.cloud.client("s3").put_object(Bucket="rights-code", Key="f.zip", Body=zipped())
        failures = {"Fn::GetAtt": ["Failures", "Arn"]}
        made = self.cloud.deploy("sam-rights", {"Transform": "AWS::Serverless-2016-10-31", "Resources": {
            "Failures": {"Type": "AWS::SQS::Queue"}, "Queue": {"Type": "AWS::SQS::Queue"},
            "Table": template(None, None)["Resources"]["Table"],
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {
                "CodeUri": "s3://rights-code/f.zip", "Handler": "bootstrap", "Runtime": "provided.al2023",
                "EventInvokeConfig": {"DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": failures}}},
                "Events": {"Queue": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}},
                           "Stream": {"Type": "DynamoDB", "Properties": {
                               "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "TRIM_HORIZON",
                               "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": failures}}}}}}}}})
        self.assertEqual(made["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("sam-rights"))

    def test_the_api(self):
        function = self.function("few-rights", ("sqs:ReceiveMessage", "*"))
        for call in (lambda: self.functions.create_event_source_mapping(FunctionName=function.name, EventSourceArn=self.queue),
                     lambda: self.functions.put_function_event_invoke_config(
                         FunctionName=function.name, DestinationConfig={"OnFailure": {"Destination": self.queue}})):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                call()
            self.assertEqual(raised.exception.response["Error"]["Code"], "InvalidParameterValueException")
            self.assertIn(self.queue, raised.exception.response["Error"]["Message"])
