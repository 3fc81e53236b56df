import unittest

from glue.tests.cloud import outputs, shared_cloud


class LogGroupNames(unittest.TestCase):
    def test_begin_with_the_stacks(self):
        cloud = shared_cloud()
        names = []
        for days in (1, 3):
            stack = cloud.deploy("logging", {"Resources": {
                "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}},
                "Named": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/mine"}}},
                "Outputs": {name: {"Value": {"Ref": name}} for name in ("Group", "Named")}})
            names.append(outputs(stack))
            [group] = cloud.client("logs").describe_log_groups(logGroupNamePrefix="logging-Group-")["logGroups"]
            self.assertEqual((group["logGroupName"], group["retentionInDays"]), (names[-1]["Group"], days))
        self.assertEqual(names[0], names[1])
        self.assertEqual(names[0]["Named"], "/mine")
        cloud.client("cloudformation").delete_stack(StackName="logging")
