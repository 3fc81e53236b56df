import unittest

from glue.tests.cloud import outputs, shared_cloud, wait_for
from glue.tests.measured import statistics
from glue.tests.scripted import ScriptedFunction, zipped

ANSWER = """{"statusCode": int(event["rawPath"][-3:])} if event["rawPath"] != "/fail" else die("no")"""


def template(folder):
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Function": {"Type": "AWS::Serverless::Function", "Properties": {
            "CodeUri": "s3://api-metrics-code/f.zip", "Handler": "bootstrap", "Runtime": "provided.al2023",
            "AutoPublishAlias": "live", "Environment": {"Variables": {"FOLDER": str(folder)}},
            "Events": {"Any": {"Type": "HttpApi", "Properties": {"Path": "/{status}", "Method": "GET"}}}}}},
        "Outputs": {"Api": {"Value": {"Ref": "ServerlessHttpApi"}}, "Function": {"Value": {"Ref": "Function"}}}}


class ApiMetrics(unittest.TestCase):
    def test_each_request_counts_by_its_status(self):
        cloud = shared_cloud()
        cloud.client("s3").create_bucket(Bucket="api-metrics-code")
        cloud.client("s3").put_object(Bucket="api-metrics-code", Key="f.zip", Body=zipped())
        script = ScriptedFunction(cloud, "api-metrics-script", ANSWER)
        made = cloud.deploy("api-metrics", template(script.folder))
        self.assertEqual(made["StackStatus"], "CREATE_COMPLETE", cloud.reasons("api-metrics"))
        made = outputs(made)
        for path, status in (("200", 200), ("201", 201), ("404", 404), ("503", 503), ("fail", 500), ("no/route", 404)):
            self.assertEqual(cloud.get(f"/_aws/execute-api/{made['Api']}/{path}")[0], status)

        for dimensions in ({"ApiId": made["Api"]}, {"ApiId": made["Api"], "Stage": "$default"}):
            def total(metric, statistic="Sum"):
                return statistics(cloud, "AWS/ApiGateway", metric, statistic, **dimensions)

            wait_for(lambda: total("Count") == 6, "six requests", cloud.log)
            self.assertEqual((total("4xx"), total("5xx")), (2, 2))
            self.assertAlmostEqual(total("5xx", "Average"), 2 / 6)
            self.assertEqual((total("Latency", "SampleCount"), total("IntegrationLatency", "SampleCount")), (6, 5))
            self.assertTrue(0 < total("IntegrationLatency", "p50") <= total("Latency", "p99") < 5000)

        function = {"FunctionName": made["Function"], "Resource": f"{made['Function']}:live", "ExecutedVersion": "1"}
        self.assertEqual(statistics(cloud, "AWS/Lambda", "Invocations", **function), 5)
        self.assertEqual(statistics(cloud, "AWS/Lambda", "Errors", **function), 1)

    def test_an_api_that_does_not_exist_measures_nothing(self):
        cloud = shared_cloud()
        self.assertEqual(cloud.get("/_aws/execute-api/abcdefghij/x")[0], 404)
        watched = cloud.client("cloudwatch").list_metrics(Namespace="AWS/ApiGateway")["Metrics"]
        self.assertNotIn({"Name": "ApiId", "Value": "abcdefghij"}, [one for metric in watched for one in metric["Dimensions"]])
