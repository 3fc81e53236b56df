import json
import unittest

from glue.tests.cloud import outputs, shared_cloud, wait_for
from glue.tests.scripted import ScriptedFunction, zipped


def template(folder):
    """As users write it: uploads raise events, a rule sends them to a function's alias."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}},
            "Failed": {"Type": "AWS::SQS::Queue"}, "Undelivered": {"Type": "AWS::SQS::Queue"},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {
                "CodeUri": "s3://async-code/f.zip", "Handler": "bootstrap", "Runtime": "provided.al2023", "AutoPublishAlias": "live",
                "Environment": {"Variables": {"FOLDER": str(folder)}},
                "EventInvokeConfig": {"MaximumRetryAttempts": 1, "DestinationConfig": {
                    "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["Failed", "Arn"]}}}},
                "Events": {"Uploaded": {"Type": "EventBridgeRule", "Properties": {
                    "Pattern": {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {
                        "bucket": {"name": [{"Ref": "Uploads"}]}, "object": {"key": [{"prefix": "covers/"}]}}},
                    "RetryPolicy": {"MaximumRetryAttempts": 5},
                    "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Undelivered", "Arn"]}}}}}}}},
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Uploads", "Failed", "Undelivered", "Function")}}


class AsyncInvocations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.s3, cls.sqs = cls.cloud.client("s3"), cls.cloud.client("sqs")

    def message(self, url):
        messages = []
        wait_for(lambda: messages.extend(self.sqs.receive_message(QueueUrl=url).get("Messages", [])) or messages, "a message", self.cloud.log)
        return json.loads(messages[0]["Body"])

    def test_events_of_a_rule(self):
        self.s3.create_bucket(Bucket="async-code")
        self.s3.put_object(Bucket="async-code", Key="f.zip", Body=zipped())
        script = ScriptedFunction(self.cloud, "async-script", 'die("no")')
        made = self.cloud.deploy("async", template(script.folder))
        self.assertEqual(made["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("async"))
        made = outputs(made)
        self.s3.put_object(Bucket=made["Uploads"], Key="other/k", Body=b"12345")
        self.s3.put_object(Bucket=made["Uploads"], Key="covers/k", Body=b"12345")
        message = self.message(made["Failed"])
        self.assertEqual([event["detail"]["object"]["key"] for event in script.events], ["covers/k"] * 2)
        self.assertEqual(message["requestPayload"], script.events[0])
        self.assertEqual((message["requestContext"]["condition"], message["requestContext"]["approximateInvokeCount"]), ("RetriesExhausted", 2))
        self.assertEqual(message["responsePayload"]["errorMessage"], "no")

        self.cloud.client("lambda").delete_function(FunctionName=made["Function"])
        self.s3.put_object(Bucket=made["Uploads"], Key="covers/late", Body=b"1")
        self.assertEqual(self.message(made["Undelivered"])["detail"]["object"]["key"], "covers/late")

    def test_a_dead_letter_queue_gets_the_event(self):
        url = self.sqs.create_queue(QueueName="letters")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        function = ScriptedFunction(self.cloud, "letters", 'die("no")')
        functions = self.cloud.client("lambda")
        functions.update_function_configuration(FunctionName="letters", DeadLetterConfig={"TargetArn": arn})
        functions.put_function_event_invoke_config(FunctionName="letters", MaximumRetryAttempts=0)
        functions.invoke(FunctionName="letters", InvocationType="Event", Payload=b'{"a": 1}')
        self.assertEqual(self.message(url), {"a": 1})
        self.assertEqual(function.events, [{"a": 1}])
