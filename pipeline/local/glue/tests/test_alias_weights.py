import json
import unittest

from glue import alias_weights
from glue.tests.cloud import outputs, shared_cloud, wait_for
from glue.tests.scripted import ScriptedFunction, zipped

# Which code runs, with which configuration, and which version it is told to be.
ANSWER = """" ".join([globals().get("CODE", "first"), *map(__import__("os").environ.get, ("SAYS", "AWS_LAMBDA_FUNCTION_VERSION"))])"""
OTHER_CODE = zipped('"response", {}', '"response", {"CODE": "second"}')
OLD, NEW = "first old 1", "second new 2"


def gateway(arn):
    return {
        "Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "weights", "ProtocolType": "HTTP"}},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
                "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}},
            "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
                "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": arn}},
            "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
                "ApiId": {"Ref": "Api"}, "RouteKey": "$default", "Target": {"Fn::Sub": "integrations/${Integration}"}}}},
        "Outputs": {"Id": {"Value": {"Ref": "Api"}}}}


class AliasWeights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.functions = cls.cloud.client("lambda")

    def function(self, name):
        """A function with an alias `live`, of whose invocations a tenth goes to version 2. Answers the alias' ARN."""
        script = ScriptedFunction(self.cloud, name, ANSWER)
        self.cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
        for says, code in (("old", zipped()), ("new", OTHER_CODE)):
            self.functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": {**script.environment, "SAYS": says}})
            self.functions.update_function_code(FunctionName=name, ZipFile=code, Publish=True)
        return self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig={
            "AdditionalVersionWeights": {"2": 0.1}})["AliasArn"]

    def invoke(self, name, qualifier="live"):
        answer = self.functions.invoke(FunctionName=name, Qualifier=qualifier)
        return answer["ExecutedVersion"], json.loads(answer["Payload"].read())

    def runs(self, name):
        """The versions that the function's log has streams of, with how many invocations each."""
        events = self.cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        starts = [event for event in events if event["message"].startswith("START")]
        for event in starts:
            version = event["message"].split()[-1]
            self.assertIn(f"[{version}]", event["logStreamName"])
        return {version: sum(event["message"].endswith(f"Version: {version}") for event in starts) for version in ("1", "2")}

    def test_of_ten_invocations_one_runs_the_new_version(self):
        self.function("weights-sync")
        answers = [self.invoke("weights-sync") for _ in range(30)]
        for start in (0, 10, 20):
            self.assertEqual(sorted(answers[start:start + 10]), [("1", OLD)] * 9 + [("2", NEW)])
        self.assertEqual(self.invoke("weights-sync", "1"), ("1", OLD))
        self.assertEqual(self.invoke("weights-sync", "2"), ("2", NEW))
        self.functions.update_alias(FunctionName="weights-sync", Name="live", FunctionVersion="2",
                                    RoutingConfig={"AdditionalVersionWeights": {}})
        self.assertEqual({self.invoke("weights-sync") for _ in range(10)}, {("2", NEW)})

    def test_a_request_through_the_gateway(self):
        arn = self.function("weights-http")
        made = self.cloud.deploy("weights-http", gateway(arn))
        self.assertEqual(made["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("weights-http"))
        url = f"/_aws/execute-api/{outputs(made)['Id']}/"
        answers = [self.cloud.get(url)[2].decode() for _ in range(20)]
        self.assertEqual((answers.count(OLD), answers.count(NEW)), (18, 2))

    def test_asynchronous_invocations(self):
        self.function("weights-async")
        headers = [self.functions.invoke(FunctionName="weights-async", Qualifier="live", InvocationType="Event")
                   ["ResponseMetadata"]["HTTPHeaders"]["x-amz-executed-version"] for _ in range(10)]
        self.assertEqual((headers.count("1"), headers.count("2")), (9, 1))
        wait_for(lambda: self.runs("weights-async") == {"1": 9, "2": 1}, "ten invocations", self.cloud.log)

    def test_an_event_source(self):
        """An empty queue, which is polled all the time, uses up none of the shares."""
        arn = self.function("weights-queue")
        sqs = self.cloud.client("sqs")
        url = sqs.create_queue(QueueName="weights")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        mapping = self.functions.create_event_source_mapping(EventSourceArn=queue, FunctionName=arn, BatchSize=1)
        self.addCleanup(self.functions.delete_event_source_mapping, UUID=mapping["UUID"])
        for count in range(1, 11):
            sqs.send_message(QueueUrl=url, MessageBody="m")
            wait_for(lambda: sum(self.runs("weights-queue").values()) == count, "the invocation", self.cloud.log)
        self.assertEqual(self.runs("weights-queue"), {"1": 9, "2": 1})


class Shares(unittest.TestCase):
    def versions(self, weight, count, arn="arn:a"):
        alias = {"AliasArn": arn, "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": weight}}}
        return [alias_weights.next_version(alias) for _ in range(count)]

    def test_any_number_of_invocations_in_a_row(self):
        for weight, every in ((0.1, 10), (0.5, 2), (0.25, 4), (0.01, 100)):
            versions = self.versions(weight, 5 * every, f"arn:{weight}")
            for start in range(len(versions) - every):
                self.assertEqual(versions[start:start + every].count("2"), 1, (weight, start))
        self.assertEqual(self.versions(0.3, 1000, "arn:0.3").count("2"), 300)

    def test_all_and_nothing(self):
        self.assertEqual(set(self.versions(1.0, 5, "arn:1.0")), {"2"})
        self.assertEqual(set(self.versions(0.0, 5, "arn:0.0")), {"1"})

    def test_changed_weights_count_at_once(self):
        self.versions(0.1, 9, "arn:changed")
        self.assertEqual(self.versions(0.5, 10, "arn:changed").count("2"), 5)
