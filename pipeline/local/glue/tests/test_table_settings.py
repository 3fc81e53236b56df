import unittest

from glue.tests.cloud import outputs, shared_cloud
from glue.tests.scripted import ScriptedFunction
from glue.tests.test_stream_sources import KEYS


def template(mapping=None, **properties):
    resources = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST", **KEYS, **properties}}}
    if mapping:
        resources["Mapping"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "LATEST", **mapping}}
    return {"Resources": resources, "Outputs": {"Table": {"Value": {"Ref": "Table"}},
                                                **({"Mapping": {"Value": {"Ref": "Mapping"}}} if mapping else {})}}


class FromTemplates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.tables = cls.cloud.client("dynamodb")

    def deploy(self, stack, *arguments, **properties):
        made = self.cloud.deploy(stack, template(*arguments, **properties))
        self.assertIn(made["StackStatus"], ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.cloud.reasons(stack))
        return outputs(made)

    def settings(self, table):
        described = self.tables.describe_table(TableName=table)["Table"]
        return (self.tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"].get("TimeToLiveStatus"),
                self.tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"][
                    "PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
                described["DeletionProtectionEnabled"], described.get("StreamSpecification", {}).get("StreamViewType"))

    def test_tables(self):
        all_of_them = {"TimeToLiveSpecification": {"AttributeName": "expiresAt", "Enabled": "true"},
                       "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                       "DeletionProtectionEnabled": "true", "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}
        table = self.deploy("table", **all_of_them)["Table"]
        self.assertEqual(self.settings(table), ("ENABLED", "ENABLED", True, "KEYS_ONLY"))
        self.assertEqual(self.tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["AttributeName"], "expiresAt")
        cfn = self.cloud.client("cloudformation")
        cfn.delete_stack(StackName="table")
        self.assertEqual(self.cloud.settled("table")["StackStatus"], "DELETE_FAILED")
        self.assertIn(f"Table {table} is protected", "".join(self.cloud.reasons("table")))

    def test_updates_of_tables(self):
        table = self.deploy("table2", DeletionProtectionEnabled="false")["Table"]
        self.assertEqual(self.settings(table), ("DISABLED", "DISABLED", False, None))
        self.deploy("table2", TimeToLiveSpecification={"AttributeName": "e", "Enabled": True}, DeletionProtectionEnabled=True,
                    PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": "true"},
                    StreamSpecification={"StreamViewType": "NEW_IMAGE"})
        self.assertEqual(self.settings(table), ("ENABLED", "ENABLED", True, "NEW_IMAGE"))
        self.deploy("table2")
        self.assertEqual(self.settings(table), ("DISABLED", "DISABLED", False, None))

    def test_event_source_mappings(self):
        function = ScriptedFunction(self.cloud, "mapped")
        stream = {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}
        filters = {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}
        made = self.deploy("mapping", {
            "FunctionName": function.arn, "BatchSize": "50", "MaximumRetryAttempts": "3", "BisectBatchOnFunctionError": "true",
            "MaximumRecordAgeInSeconds": 60, "FunctionResponseTypes": ["ReportBatchItemFailures"], "FilterCriteria": filters,
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}}, "Enabled": "false"}, **stream)
        functions = self.cloud.client("lambda")

        def mapping(*names):
            found = functions.get_event_source_mapping(UUID=made["Mapping"])
            return [found.get(name) for name in names]

        self.assertEqual(mapping("BatchSize", "MaximumRetryAttempts", "BisectBatchOnFunctionError", "MaximumRecordAgeInSeconds",
                                 "FunctionResponseTypes", "FilterCriteria", "State"),
                         [50, 3, True, 60, ["ReportBatchItemFailures"], filters, "Disabled"])
        functions.publish_version(FunctionName="mapped")
        functions.create_alias(FunctionName="mapped", Name="live", FunctionVersion="1")
        again = self.deploy("mapping", {"FunctionName": function.arn + ":live"}, **stream)
        self.assertEqual(again, made)
        self.assertEqual(mapping("BatchSize", "MaximumRetryAttempts", "FunctionResponseTypes", "FilterCriteria", "State", "FunctionArn"),
                         [100, None, [], None, "Enabled", function.arn + ":live"])
