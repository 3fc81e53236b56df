import json
import time
import unittest

from glue.tests.cloud import shared_cloud, wait_for
from glue.tests.measured import statistics
from glue.tests.scripted import ScriptedFunction
from glue.tests.test_stream_sources import KEYS

# Fails, takes too long or ends the process when its event says so.
ANSWER = """die("no") if "fail" in event else __import__("time").sleep(event.get("sleep", 0)) or ("exit" in event and __import__("os")._exit(1))"""


class LambdaMetrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.functions = cls.cloud.client("lambda")

    def function(self, name):
        """With an alias `live`, which leads to version 1."""
        ScriptedFunction(self.cloud, name, ANSWER)
        self.functions.update_function_configuration(FunctionName=name, Timeout=1)
        self.functions.publish_version(FunctionName=name)
        return self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]

    def statistics(self, metric, statistic="Sum", **dimensions):
        return statistics(self.cloud, "AWS/Lambda", metric, statistic, **dimensions)

    def counted(self, count, **dimensions):
        wait_for(lambda: self.statistics("Invocations", **dimensions) == count, f"{count} invocations", self.cloud.log)

    def test_by_function_alias_and_version(self):
        self.function("metrics")
        everywhere = self.statistics("Invocations") or 0
        self.functions.invoke(FunctionName="metrics")
        self.functions.invoke(FunctionName="metrics", Qualifier="1")
        for _ in range(2):
            self.functions.invoke(FunctionName="metrics", Qualifier="live", Payload=json.dumps({"sleep": 0.1}))
        function = {"FunctionName": "metrics"}
        self.counted(4, **function)
        self.counted(1, **function, Resource="metrics:1")
        self.counted(2, **function, Resource="metrics:live")
        self.counted(2, **function, Resource="metrics:live", ExecutedVersion="1")
        self.assertIsNone(self.statistics("Invocations", **function, Resource="metrics:1", ExecutedVersion="1"))
        self.assertEqual(self.statistics("Errors", "SampleCount", **function), 4)
        self.assertEqual(self.statistics("Errors", **function), 0)
        self.assertGreaterEqual(self.statistics("Invocations"), everywhere + 4)
        duration = self.statistics("Duration", "Minimum", **function, Resource="metrics:live")
        self.assertTrue(99 < duration < 1000, duration)

    def test_errors_time_outs_and_crashes(self):
        self.function("metrics-errors")
        for event in ({}, {"fail": 1}, {"sleep": 5}, {"exit": 1}):
            self.functions.invoke(FunctionName="metrics-errors", Qualifier="live", Payload=json.dumps(event))
        alias = {"FunctionName": "metrics-errors", "Resource": "metrics-errors:live"}
        self.counted(4, **alias)
        self.assertEqual(self.statistics("Errors", **alias), 3)
        self.assertEqual(self.statistics("Errors", "Average", **alias, ExecutedVersion="1"), 0.75)

    def test_each_attempt_of_an_event_counts(self):
        self.function("metrics-event")
        self.functions.put_function_event_invoke_config(FunctionName="metrics-event", Qualifier="live", MaximumRetryAttempts=1)
        self.functions.invoke(FunctionName="metrics-event", Qualifier="live", InvocationType="Event", Payload='{"fail": 1}')
        alias = {"FunctionName": "metrics-event", "Resource": "metrics-event:live"}
        self.counted(2, **alias)
        self.assertEqual(self.statistics("Errors", **alias), 2)

    def test_what_is_refused_is_no_invocation(self):
        self.function("metrics-refused")
        self.functions.put_function_concurrency(FunctionName="metrics-refused", ReservedConcurrentExecutions=0)
        with self.assertRaises(self.functions.exceptions.TooManyRequestsException):
            self.functions.invoke(FunctionName="metrics-refused")
        function = {"FunctionName": "metrics-refused"}
        wait_for(lambda: self.statistics("Throttles", **function) == 1, "the refused call", self.cloud.log)
        self.assertIsNone(self.statistics("Invocations", **function))

    def test_the_age_of_stream_records(self):
        arn = self.function("metrics-stream")
        tables = self.cloud.client("dynamodb")
        stream = tables.create_table(TableName="metrics", BillingMode="PAY_PER_REQUEST", **KEYS, StreamSpecification={
            "StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]["LatestStreamArn"]
        tables.put_item(TableName="metrics", Item={"PK": {"S": "a"}})
        time.sleep(2)
        mapping = self.functions.create_event_source_mapping(EventSourceArn=stream, FunctionName=arn, StartingPosition="TRIM_HORIZON")
        self.addCleanup(self.functions.delete_event_source_mapping, UUID=mapping["UUID"])
        alias = {"FunctionName": "metrics-stream", "Resource": "metrics-stream:live"}
        self.counted(1, **alias, ExecutedVersion="1")
        for dimensions in ({"FunctionName": "metrics-stream"}, alias):
            age = self.statistics("IteratorAge", "Maximum", **dimensions)
            self.assertTrue(1900 < age < 10_000, age)
