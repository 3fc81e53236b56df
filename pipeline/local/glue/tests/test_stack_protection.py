import json
import unittest

import botocore.exceptions
from glue.tests.cloud import shared_cloud

ALLOW = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
GUARD = {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": "LogicalResourceId/Kept"}


def queues(**properties):
    """A template of queues by logical id."""
    return json.dumps({"Resources": {name: {"Type": "AWS::SQS::Queue", "Properties": value} for name, value in properties.items()}})


class StackProtection(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.cfn = cls.cloud.client("cloudformation")

    def create(self, name, *statements, **arguments):
        if statements:
            arguments["StackPolicyBody"] = json.dumps({"Statement": statements})
        self.cfn.create_stack(StackName=name, TemplateBody=queues(Kept={}, Other={}), **arguments)
        self.assertEqual(self.cloud.settled(name)["StackStatus"], "CREATE_COMPLETE")
        self.addCleanup(self.cfn.delete_stack, StackName=name)

    def update(self, name, template, **arguments):
        self.cfn.update_stack(StackName=name, TemplateBody=template, **arguments)
        return self.cloud.settled(name)["StackStatus"]

    def kept(self, name):
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"]
                for resource in self.cfn.describe_stack_resources(StackName=name)["StackResources"]}

    def test_a_guarded_resource_changes_and_is_neither_replaced_nor_deleted(self):
        self.create("guarded", GUARD, ALLOW)
        before = self.kept("guarded")
        self.assertEqual(self.update("guarded", queues(Kept={"VisibilityTimeout": 5}, Other={})), "UPDATE_COMPLETE")
        for template, action in ((queues(Kept={"QueueName": "another"}, Other={}), "Update:Replace"), (queues(Other={}), "Update:Delete")):
            self.assertEqual(self.update("guarded", template), "UPDATE_ROLLBACK_COMPLETE")
            self.assertIn(f"Action denied by stack policy: Statement [#1] does not allow [{action}] for resource [LogicalResourceId/Kept];",
                          self.cloud.reasons("guarded"))
            self.assertEqual(self.kept("guarded"), before)
        self.assertEqual(self.update("guarded", queues(Kept={"VisibilityTimeout": 5})), "UPDATE_COMPLETE")
        self.assertEqual(self.kept("guarded").keys(), {"Kept"})

    def test_a_change_set_is_denied_when_it_is_executed(self):
        self.create("set-guarded", GUARD, ALLOW)
        self.cfn.create_change_set(StackName="set-guarded", ChangeSetName="c", TemplateBody=queues(Other={}))
        self.assertEqual(self.cfn.describe_change_set(StackName="set-guarded", ChangeSetName="c")["Status"], "CREATE_COMPLETE")
        self.cfn.execute_change_set(StackName="set-guarded", ChangeSetName="c")
        self.assertEqual(self.cloud.settled("set-guarded")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("Kept", self.kept("set-guarded"))
        self.assertEqual(self.cfn.describe_change_set(StackName="set-guarded", ChangeSetName="c")["ExecutionStatus"], "EXECUTE_FAILED")

    def test_what_a_policy_does_not_allow_is_denied(self):
        self.create("default", {**ALLOW, "Resource": "LogicalResourceId/O*"})
        self.assertEqual(self.update("default", queues(Kept={}, Other={"VisibilityTimeout": 5})), "UPDATE_COMPLETE")
        self.assertEqual(self.update("default", queues(Kept={"VisibilityTimeout": 5}, Other={"VisibilityTimeout": 6})),
                         "UPDATE_ROLLBACK_COMPLETE")
        self.assertTrue(any("[Update:Modify] for resource [LogicalResourceId/Kept]" in reason for reason in self.cloud.reasons("default")))

    def test_a_policy_by_type(self):
        self.create("by-type", {**GUARD, "Resource": "*", "Condition": {"StringLike": {"ResourceType": ["AWS::SQS::*"]}}}, ALLOW)
        self.assertEqual(self.update("by-type", queues(Kept={})), "UPDATE_ROLLBACK_COMPLETE")

    def test_another_policy_for_one_update(self):
        self.create("once", GUARD, ALLOW)
        once = json.dumps({"Statement": [ALLOW]})
        self.assertEqual(self.update("once", queues(Kept={"QueueName": "once-kept"}, Other={}), StackPolicyDuringUpdateBody=once),
                         "UPDATE_COMPLETE")
        self.assertEqual(self.update("once", queues(Other={})), "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(json.loads(self.cfn.get_stack_policy(StackName="once")["StackPolicyBody"]), {"Statement": [GUARD, ALLOW]})

    def test_a_policy_that_is_set_later(self):
        self.create("later")
        self.assertNotIn("StackPolicyBody", self.cfn.get_stack_policy(StackName="later"))
        self.cfn.set_stack_policy(StackName="later", StackPolicyBody=json.dumps({"Statement": [GUARD, ALLOW]}))
        self.assertEqual(self.update("later", queues(Other={})), "UPDATE_ROLLBACK_COMPLETE")

    def test_without_rollback_a_denied_update_fails(self):
        self.create("halted", GUARD, ALLOW)
        self.assertEqual(self.update("halted", queues(Other={}), DisableRollback=True), "UPDATE_FAILED")
        self.assertIn("Kept", self.kept("halted"))
        self.cfn.rollback_stack(StackName="halted")
        self.assertEqual(self.cloud.settled("halted")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")

    def test_termination_protection(self):
        self.create("protected", EnableTerminationProtection=True)
        with self.assertRaisesRegex(botocore.exceptions.ClientError, "cannot be deleted while TerminationProtection is enabled"):
            self.cfn.delete_stack(StackName="protected")
        self.cfn.update_termination_protection(StackName="protected", EnableTerminationProtection=False)

    def test_a_placeholder_becomes_the_application(self):
        """As pipeline/set-up.sh makes it: protected before it holds anything."""
        self.cfn.create_stack(StackName="placeholder", EnableTerminationProtection=True, TemplateBody=json.dumps({
            "Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}))
        self.assertEqual(self.cloud.settled("placeholder")["StackStatus"], "CREATE_COMPLETE")
        self.cfn.set_stack_policy(StackName="placeholder", StackPolicyBody=json.dumps({"Statement": [GUARD, ALLOW]}))
        function = {"Type": "AWS::Serverless::Function", "Properties": {
            "Runtime": "python3.11", "Handler": "index.handler", "InlineCode": "def handler(e, c): return 1", "AutoPublishAlias": "live"}}
        self.cfn.create_change_set(
            StackName="placeholder", ChangeSetName="c", Capabilities=["CAPABILITY_IAM"], TemplateBody=json.dumps({
                "Transform": "AWS::Serverless-2016-10-31", "Resources": {"Kept": {"Type": "AWS::SQS::Queue"}, "F": function},
                "Outputs": {"Queue": {"Value": {"Ref": "Kept"}, "Export": {"Name": "placeholder-queue"}}}}))
        changes = self.cfn.describe_change_set(StackName="placeholder", ChangeSetName="c")["Changes"]
        self.assertEqual({change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"]["Action"] for change in changes}["Nothing"],
                         "Remove")
        self.cfn.execute_change_set(StackName="placeholder", ChangeSetName="c")
        self.assertEqual(self.cloud.settled("placeholder")["StackStatus"], "UPDATE_COMPLETE", self.cloud.reasons("placeholder"))
        made = self.kept("placeholder")
        self.assertLess({"Kept", "F", "FRole", "FAliaslive"}, made.keys())
        self.assertNotIn("Nothing", made)
        self.assertIn("placeholder-queue", [export["Name"] for export in self.cfn.list_exports()["Exports"]])
        [stack] = self.cfn.describe_stacks(StackName="placeholder")["Stacks"]
        self.assertTrue(stack["EnableTerminationProtection"])
        self.cfn.update_termination_protection(StackName="placeholder", EnableTerminationProtection=False)
        self.addCleanup(self.cfn.delete_stack, StackName="placeholder")
