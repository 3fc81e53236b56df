import json
import unittest

from glue.tests.cloud import outputs, shared_cloud

TEMPLATE = {
    "Parameters": {"Extra": {"Type": "String", "Default": "no"}, "Unused": {"Type": "String", "Default": "a"}},
    "Conditions": {"HasExtra": {"Fn::Equals": [{"Ref": "Extra"}, "yes"]}},
    "Resources": {"One": {"Type": "AWS::SQS::Queue"},
                  "Two": {"Type": "AWS::SQS::Queue", "Condition": "HasExtra"}},
    "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["One", "QueueName"]}},
                "Extra": {"Value": {"Ref": "Two"}, "Condition": "HasExtra"}}}


class ChangeSets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()

    def setUp(self):
        self.stack = self.id().rsplit(".", 1)[-1].replace("_", "-")
        self.cloud.deploy(self.stack, TEMPLATE)
        self.cfn = self.cloud.client("cloudformation")

    def change_set(self, template, name="c", **parameters):
        self.cfn.create_change_set(StackName=self.stack, ChangeSetName=name, TemplateBody=json.dumps(template), Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()])
        return self.cfn.describe_change_set(StackName=self.stack, ChangeSetName=name)

    def execute(self, name="c"):
        self.cfn.execute_change_set(StackName=self.stack, ChangeSetName=name)
        stack = self.cloud.settled(self.stack)
        self.assertEqual(stack["StackStatus"], "UPDATE_COMPLETE")
        return stack

    def test_nothing(self):
        # Not even when a parameter changes that nothing uses.
        for name, parameters in (("a", {}), ("b", {"Unused": "b"})):
            made = self.change_set(TEMPLATE, name, **parameters)
            self.assertEqual((made["Status"], made["ExecutionStatus"]), ("FAILED", "UNAVAILABLE"))
            self.assertIn("didn't contain changes", made["StatusReason"])

    def test_outputs_only(self):
        made = self.change_set({**TEMPLATE, "Outputs": {"Renamed": {"Value": "x"}}})
        self.assertEqual((made["Status"], made["ExecutionStatus"], made["Changes"]), ("CREATE_COMPLETE", "AVAILABLE", []))
        self.assertEqual(outputs(self.execute()), {"Renamed": "x"})

    def test_conditions_only(self):
        made = self.change_set(TEMPLATE, Extra="yes")
        self.assertEqual([(change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"])
                          for change in made["Changes"]], [("Add", "Two")])
        self.assertEqual(set(outputs(self.execute())), {"Name", "Extra"})
        made = self.change_set(TEMPLATE, "d", Extra="no")
        self.assertEqual([change["ResourceChange"]["Action"] for change in made["Changes"]], ["Remove"])
        self.assertEqual(set(outputs(self.execute("d"))), {"Name"})
