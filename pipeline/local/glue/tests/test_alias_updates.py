import json
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from glue import alias_actions
from glue.tests.cloud import Cloud, bootstrap_zip, wait_for
from ministack.core import iam_actions

CANCELLED = "Resource update cancelled"


def template(one, two, **extra):
    """Two functions in versions of these numbers, with aliases that CodeDeploy shifts."""
    resources = {}
    for name, version in (("One", one), ("Two", two)):
        resources |= {
            name: {"Type": "AWS::Lambda::Function", "Properties": {
                "FunctionName": f"f-{name}", "Runtime": "provided.al2023", "Handler": "bootstrap", "Description": version,
                "Role": "arn:aws:iam::000000000000:role/alias-updates", "Code": {"S3Bucket": "alias-updates", "S3Key": "zip"}}},
            f"{name}Version{version}": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain", "Properties": {
                "FunctionName": {"Ref": name}}},
            f"{name}Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"Name": "live", "FunctionName": {"Ref": name}, "FunctionVersion": {
                    "Fn::GetAtt": [f"{name}Version{version}", "Version"]}},
                "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {
                    "ApplicationName": {"Ref": "Application"}, "DeploymentGroupName": f"group-{name}",
                    "BeforeAllowTrafficHook": {"Fn::Sub": "hook-of-${AWS::StackName}"},
                    "AfterAllowTrafficHook": {"Ref": "AWS::NoValue"}}}}}
    return {"Resources": {
        "Application": {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "Lambda"}},
        **resources, **extra}}


class AliasUpdates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        cls.cloud.client("s3").create_bucket(Bucket="alias-updates")
        cls.cloud.client("s3").put_object(Bucket="alias-updates", Key="zip", Body=bootstrap_zip())
        cls.cloud.role("alias-updates", "lambda.amazonaws.com", ("logs:*", "*"))

    def setUp(self):
        self.cfn = self.cloud.client("cloudformation")
        self.cloud.tools.requests.clear()
        self.deployments = {}  # what CodeDeploy knows of them
        self.cloud.tools.answers = {
            "CreateDeployment": self.begin, "StopDeployment": self.stop,
            "GetDeployment": lambda data: {"deploymentInfo": self.deployments[data["deploymentId"]]}}
        self.addCleanup(self.delete)
        self.assertEqual(self.cloud.deploy("s", template("a", "a"))["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("s"))

    def delete(self):
        self.cfn.delete_stack(StackName="s")
        wait_for(lambda: not self.cfn.describe_stacks()["Stacks"], "the deletion", self.cloud.log)

    def begin(self, data):
        deployment = f"d-{data['deploymentGroupName']}"
        self.deployments[deployment] = {"status": "InProgress"}
        return {"deploymentId": deployment}

    def stop(self, data):
        self.ends(data["deploymentId"], "Stopped", "MANUAL_STOP", "stopped")
        return {"status": "Pending"}

    def ends(self, deployment, status, code="", message=""):
        self.deployments[deployment] |= {"status": status, "errorInformation": {"code": code, "message": message}}

    def update(self, template, **options):
        self.cfn.update_stack(StackName="s", TemplateBody=json.dumps(template), **options)

    def wait_for_deployments(self, *names):
        wait_for(lambda: self.deployments.keys() == set(names), "the deployments", self.cloud.log)

    def versions(self):
        found = [self.cloud.client("lambda").get_alias(FunctionName=f"f-{name}", Name="live") for name in ("One", "Two")]
        return [(alias["FunctionVersion"], alias.get("RoutingConfig")) for alias in found]

    def shift(self, name):
        """What CodeDeploy does to an alias on the way."""
        self.cloud.client("lambda").update_alias(FunctionName=f"f-{name}", Name="live",
                                                 RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})

    def failures(self):
        """The newest reason of each resource that has failed."""
        events = reversed(self.cfn.describe_stack_events(StackName="s")["StackEvents"])
        return {event["LogicalResourceId"]: event["ResourceStatusReason"] for event in events
                if event["ResourceStatus"] == "UPDATE_FAILED"}

    def test_the_stack_waits_for_all_deployments(self):
        self.assertEqual(self.deployments, {})  # its creation pointed them at once
        self.update(template("b", "b"))
        self.wait_for_deployments("d-group-One", "d-group-Two")
        data = self.cloud.tools.calls("CreateDeployment")[0]
        self.assertRegex(data["applicationName"], "^s-Application-")
        self.assertEqual(json.loads(data["revision"]["appSpecContent"]["content"]), {
            "version": 0.0, "Hooks": [{"BeforeAllowTraffic": "hook-of-s"}],
            "Resources": [{"OneAlias": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": "f-One", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}}}]})
        self.ends("d-group-Two", "Succeeded")
        self.assertEqual(self.cfn.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"], "UPDATE_IN_PROGRESS")
        self.ends("d-group-One", "Succeeded")
        self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_COMPLETE", self.cloud.reasons("s"))
        self.assertEqual(self.versions(), [("2", None), ("2", None)])

    def test_an_alias_that_stays_makes_the_stack_wait_too(self):
        for one, two, moved in (("b", "a", "One"), ("b", "b", "Two")):
            with self.subTest(moved):
                self.deployments.clear()
                self.update(template(one, two))
                self.wait_for_deployments(f"d-group-{moved}")
                self.assertEqual(self.cfn.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"], "UPDATE_IN_PROGRESS")
                self.ends(f"d-group-{moved}", "Succeeded")
                self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_COMPLETE", self.cloud.reasons("s"))

    def test_one_that_fails_stops_the_others_and_all_go_back(self):
        for failing, other in (("One", "Two"), ("Two", "One")):
            with self.subTest(failing):
                self.deployments.clear()
                self.update(template("b", "b"))
                self.wait_for_deployments("d-group-One", "d-group-Two")
                self.shift("One")
                self.shift("Two")
                self.ends(f"d-group-{failing}", "Stopped", "ALARM_ACTIVE", "alarms ring")
                self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
                self.assertEqual(self.deployments[f"d-group-{other}"]["status"], "Stopped")
                self.assertEqual(self.failures(), {
                    f"{failing}Alias": f"CodeDeploy deployment d-group-{failing} has the status Stopped: alarms ring",
                    f"{other}Alias": CANCELLED})
                self.assertEqual(self.versions(), [("1", None), ("1", None)])

    def test_one_that_has_moved_already_goes_back_too(self):
        self.update(template("b", "b"))
        self.wait_for_deployments("d-group-One", "d-group-Two")
        for name in ("One", "Two"):
            self.cloud.client("lambda").update_alias(FunctionName=f"f-{name}", Name="live", FunctionVersion="2")
        self.ends("d-group-Two", "Succeeded")
        self.ends("d-group-One", "Failed", "HOOK_EXECUTION_FAILURE", "the hook says so")
        self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(self.versions(), [("1", None), ("1", None)])

    def test_a_cancelled_update_stops_them(self):
        self.update(template("b", "b"))
        self.wait_for_deployments("d-group-One", "d-group-Two")
        self.shift("One")
        self.cfn.cancel_update_stack(StackName="s")
        self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(len(self.cloud.tools.calls("StopDeployment")), 2)
        self.assertEqual(self.versions(), [("1", None), ("1", None)])

    def test_another_resource_that_fails_stops_them(self):
        def stop_later(data):  # as CodeDeploy does, which has to shift the traffic back first
            threading.Timer(0.5, self.stop, [data]).start()
            return {"status": "Pending"}

        self.cloud.tools.answers["StopDeployment"] = stop_later
        self.cloud.tools.answers["CreateProject"] = lambda _: {"__type": "InvalidInputException", "message": "no"}
        for options, status in (({}, "UPDATE_ROLLBACK_COMPLETE"), ({"DisableRollback": True}, "UPDATE_FAILED")):
            with self.subTest(status):
                self.deployments.clear()
                failing = template("b", "b", Bad={
                    "Type": "AWS::CodeBuild::Project", "DependsOn": "OneAlias", "Properties": {"ServiceRole": "r"}})
                failing["Resources"]["TwoAlias"]["DependsOn"] = "Bad"
                self.update(failing, **options)
                self.assertEqual(self.cloud.settled("s")["StackStatus"], status)
                self.assertEqual({key: one["status"] for key, one in self.deployments.items()}, {"d-group-One": "Stopped"})
                if not options:
                    self.assertEqual(self.versions(), [("1", None), ("1", None)])

    def test_a_deployment_that_cannot_begin_fails_its_alias(self):
        self.cloud.tools.answers["CreateDeployment"] = lambda _: {
            "__type": "DeploymentLimitExceededException", "message": "busy"}
        self.update(template("a", "b"))
        self.assertEqual(self.cloud.settled("s")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("busy", self.failures()["TwoAlias"])


class Crash(unittest.TestCase):
    def test_a_stack_that_was_cut_off_has_its_aliases_where_lambda_has_them(self):
        code = """if True:
            from glue import alias_updates, snapshots
            from ministack.services import cloudformation, lambda_svc
            lambda_svc._functions["f"] = {"aliases": {"live": {"FunctionVersion": "1"}}}
            for name, reason in (("cut-off", snapshots.CUT_OFF), ("whole", "")):
                cloudformation._stacks[name] = {"StackStatusReason": reason, "_resources": {
                    alias: {"ResourceType": "AWS::Lambda::Alias", "Properties": {"FunctionVersion": "2"},
                            "PhysicalResourceId": f"arn:aws:lambda:us-east-1:000000000000:function:f:{alias}"}
                    for alias in ("live", "gone")}}
            alias_updates._then_correct(lambda: None)()
            for name in ("cut-off", "whole"):
                resources = cloudformation._stacks[name]["_resources"]
                print(name, *[resources[alias]["Properties"]["FunctionVersion"] for alias in ("live", "gone")])
        """
        environment = {**os.environ, "DEVTOOLS_URL": "http://127.0.0.1:1", "DEVTOOLS_TOKEN": "t"}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True,
                             cwd=Path(__file__).parents[2])
        self.assertEqual(run.stdout, "cut-off 1 2\nwhole 2 2\n", run.stderr)


class AliasActions(unittest.TestCase):
    def test_one_alias_takes_the_permission_for_it(self):
        original = iam_actions._lambda_action
        self.addCleanup(setattr, iam_actions, "_lambda_action", original)
        alias_actions.apply()
        functions = "/2015-03-31/functions"
        for method, path, action in (
            ("GET", "f/aliases/live", "GetAlias"), ("PUT", "f/aliases/live", "UpdateAlias"),
            ("DELETE", "f/aliases/live", "DeleteAlias"), ("GET", "f/aliases", "ListAliases"),
            ("POST", "f/aliases", "CreateAlias"), ("PUT", "f/code", "UpdateFunctionCode"),
        ):
            with self.subTest(action):
                self.assertEqual(iam_actions._lambda_action(method, f"{functions}/{path}"), action)
