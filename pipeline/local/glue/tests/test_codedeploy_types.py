import unittest

from glue.tests.cloud import Cloud, outputs, wait_for

ARN = "arn:aws:codedeploy:us-east-1:000000000000:"


def template(**group):
    return {"Resources": {
        "Application": {"Type": "AWS::CodeDeploy::Application", "Properties": {
            "ApplicationName": "shop", "ComputePlatform": "Lambda", "Tags": group.pop("Tags", [])}},
        "Config": {"Type": "AWS::CodeDeploy::DeploymentConfig", "Properties": {
            "ComputePlatform": "Lambda", "TrafficRoutingConfig": {
                "Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": "25", "CanaryInterval": 3}}}},
        "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {
            "ApplicationName": {"Ref": "Application"}, "DeploymentGroupName": "g", "ServiceRoleArn": "arn:role", **group}}},
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Application", "Config", "Group")}}


class CodeDeployTypes(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.close)

    def calls(self, operation):
        return self.cloud.tools.calls(operation)

    def test_create_update_delete(self):
        stack = self.cloud.deploy("s", template(
            AlarmConfiguration={"Enabled": "true", "Alarms": [{"Name": "errors"}]},
            AutoRollbackConfiguration={"Enabled": True, "Events": ["DEPLOYMENT_FAILURE"]},
            DeploymentConfigName={"Ref": "Config"}, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]))
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("s"))
        made = outputs(stack)
        self.assertEqual((made["Application"], made["Group"]), ("shop", "g"))
        self.assertRegex(made["Config"], "^s-Config-")
        self.assertEqual(self.calls("CreateApplication"), [{
            "applicationName": "shop", "computePlatform": "Lambda",
            "tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}])
        self.assertEqual(self.calls("CreateDeploymentConfig")[0]["trafficRoutingConfig"], {
            "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 3}})
        group = self.calls("CreateDeploymentGroup")[0]
        self.assertEqual(group["alarmConfiguration"], {"enabled": True, "alarms": [{"name": "errors"}]})
        self.assertEqual(group["deploymentConfigName"], made["Config"])

        # What is gone from the template is back at its default, and tags follow.
        self.cloud.deploy("s", template(Tags=[{"Key": "a", "Value": "3"}]))
        self.assertEqual(self.calls("UpdateDeploymentGroup"), [{
            "applicationName": "shop", "currentDeploymentGroupName": "g", "serviceRoleArn": "arn:role",
            "alarmConfiguration": {}, "autoRollbackConfiguration": {},
            "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"}])
        named = {"ResourceArn": f"{ARN}application:shop"}
        self.assertEqual(self.calls("UntagResource"), [{**named, "TagKeys": ["b"]}])
        self.assertEqual(self.calls("TagResource"), [{**named, "Tags": [{"Key": "a", "Value": "3"}]}])

        self.cloud.client("cloudformation").delete_stack(StackName="s")
        wait_for(lambda: self.calls("DeleteApplication"), "the deletion", self.cloud.log)
        self.assertEqual(self.calls("DeleteDeploymentGroup"), [{"applicationName": "shop", "deploymentGroupName": "g"}])

    def test_what_the_service_does_not_take_fails_the_stack(self):
        self.cloud.tools.answers["CreateDeploymentGroup"] = lambda data: {
            "__type": "InvalidInputException", "message": f"no {sorted(data)[-1]}"}
        self.cloud.deploy("s", template(TriggerConfigurations=[]))
        self.assertIn("no triggerConfigurations", "".join(self.cloud.reasons("s")))
