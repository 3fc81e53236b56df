import unittest

from glue.tests.cloud import shared_cloud

TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Publish": {"Type": "String", "Default": "other"}},
    "Resources": {"Function": {"Type": "AWS::Serverless::Function", "Properties": {
        "Runtime": "python3.11", "Handler": "index.handler", "InlineCode": "def handler(event, context): return 1",
        "AutoPublishAlias": {"Ref": "Publish"}}}}}


class SamParametersTest(unittest.TestCase):
    def test_a_parameter_decides_what_sam_makes(self):
        cloud = shared_cloud()
        self.assertEqual(cloud.deploy("sam-parameters", TEMPLATE, Publish="live")["StackStatus"], "CREATE_COMPLETE")
        resources = cloud.client("cloudformation").describe_stack_resources(StackName="sam-parameters")
        self.assertIn("FunctionAliaslive", [found["LogicalResourceId"] for found in resources["StackResources"]])
