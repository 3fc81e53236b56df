import json
import time
import unittest

from glue.tests.cloud import Cloud, shared_cloud, wait_for
from glue.tests.scripted import ScriptedFunction

KEYS = {"KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}]}
# An expression for the batch item failures of the records with the given keys.
FAILED = ('{{"batchItemFailures": [{{"itemIdentifier": r["dynamodb"]["SequenceNumber"]}}'
          ' for r in event["Records"] if r["dynamodb"]["Keys"]["PK"]["S"] in {}]}}')
ORDERS = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "ORDER#"}]}}}}


class Source:
    """A table with a stream, a function and what maps one to the other."""

    count = 0

    def __init__(self, cloud, answer="None", **mapping):
        Source.count += 1
        self.cloud, self.name = cloud, f"source{Source.count}"
        self.function = ScriptedFunction(cloud, self.name, answer)
        self.stream = cloud.client("dynamodb").create_table(
            TableName=self.name, BillingMode="PAY_PER_REQUEST", **KEYS, StreamSpecification={
                "StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]["LatestStreamArn"]
        self.mapping = cloud.client("lambda").create_event_source_mapping(
            FunctionName=self.name, EventSourceArn=self.stream, StartingPosition="LATEST", **mapping)["UUID"]

    def put(self, *keys):
        """Put items, whose records are there at once."""
        functions = self.cloud.client("lambda")
        functions.update_event_source_mapping(UUID=self.mapping, Enabled=False)
        self.cloud.client("dynamodb").transact_write_items(TransactItems=[
            {"Put": {"TableName": self.name, "Item": {"PK": {"S": key}}}} for key in keys])
        functions.update_event_source_mapping(UUID=self.mapping, Enabled=True)

    def batches(self):
        return [[record["dynamodb"]["Keys"]["PK"]["S"] for record in event["Records"]] for event in self.function.events]

    def expect(self, *batches):
        wait_for(lambda: len(self.batches()) >= len(batches), f"{len(batches)} batches", self.cloud.log)
        time.sleep(0.3)
        return self.batches(), list(batches)


class StreamSources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.sqs = cls.cloud.client("sqs")

    def queue(self, name):
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def messages(self, url):
        return [json.loads(message["Body"]) for message in self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])]

    def test_retries_begin_with_the_first_reported_record(self):
        source = Source(self.cloud, FAILED.format(["c", "d"]), FunctionResponseTypes=["ReportBatchItemFailures"])
        source.put("a", "b", "c", "d")
        wait_for(lambda: len(source.batches()) == 3, "retries", self.cloud.log)
        self.assertEqual(source.batches(), [["a", "b", "c", "d"], ["c", "d"], ["c", "d"]])
        source.function.answers('{"batchItemFailures": []}')
        source.put("e")
        wait_for(lambda: source.batches()[-1] == ["e"], "the next batch", self.cloud.log)
        self.assertEqual(source.batches().count(["c", "d"]), len(source.batches()) - 2)

    def test_a_report_counts_only_where_it_is_asked_for(self):
        source = Source(self.cloud, FAILED.format(["a"]))
        source.put("a")
        self.assertEqual(*source.expect(["a"]))

    def test_a_report_that_names_no_record_fails_the_batch(self):
        source = Source(self.cloud, '{"batchItemFailures": [{"itemIdentifier": ""}]}', MaximumRetryAttempts=1,
                        FunctionResponseTypes=["ReportBatchItemFailures"])
        source.put("a", "b")
        self.assertEqual(*source.expect(["a", "b"], ["a", "b"]))

    def test_a_batch_that_keeps_failing_goes_to_the_failure_queue(self):
        url, arn = self.queue("failed")
        source = Source(self.cloud, 'die("no") if len(event["Records"]) == 3 else None', MaximumRetryAttempts=2,
                        DestinationConfig={"OnFailure": {"Destination": arn}})
        source.put("a", "b", "c")
        [message] = self.messages(url)
        self.assertEqual(source.batches(), 3 * [["a", "b", "c"]])
        first, last = (source.function.events[0]["Records"][index]["dynamodb"]["SequenceNumber"] for index in (0, 2))
        self.assertEqual((message["requestContext"]["condition"], message["requestContext"]["approximateInvokeCount"],
                          message["requestContext"]["functionArn"]), ("RetryAttemptsExhausted", 3, source.function.arn))
        info = message["DDBStreamBatchInfo"]
        self.assertEqual((info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"], info["streamArn"]),
                         (first, last, 3, source.stream))
        # What the message says finds the records.
        streams = self.cloud.client("dynamodbstreams")
        iterator = streams.get_shard_iterator(
            StreamArn=info["streamArn"], ShardId=info["shardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=info["startSequenceNumber"])["ShardIterator"]
        self.assertEqual(streams.get_records(ShardIterator=iterator, Limit=1)["Records"][0]["dynamodb"]["Keys"], {"PK": {"S": "a"}})
        source.put("d")
        wait_for(lambda: source.batches()[-1] == ["d"], "the next batch", self.cloud.log)

    def test_halves_leave_the_one_bad_record(self):
        url, arn = self.queue("bisected")
        bad = 'die("no") if any(r["dynamodb"]["Keys"]["PK"]["S"] == "c" for r in event["Records"]) else None'
        source = Source(self.cloud, bad, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True,
                        DestinationConfig={"OnFailure": {"Destination": arn}})
        source.put("a", "b", "c", "d", "e")
        self.assertEqual(*source.expect(["a", "b", "c", "d", "e"], ["a", "b"], ["c", "d", "e"], ["c"], ["c"], ["d", "e"]))
        self.assertEqual([message["DDBStreamBatchInfo"]["batchSize"] for message in self.messages(url)], [1])

    def test_old_records_are_discarded(self):
        url, arn = self.queue("old")
        source = Source(self.cloud, 'die("no")', MaximumRecordAgeInSeconds=1, DestinationConfig={"OnFailure": {"Destination": arn}})
        source.put("a")
        [message] = self.messages(url)
        self.assertEqual(message["DDBStreamBatchInfo"]["batchSize"], 1)

    def test_a_function_that_throws_blocks_only_its_own_stream(self):
        throwing, other = Source(self.cloud, 'die("no")'), Source(self.cloud)
        slow = Source(self.cloud, '__import__("time").sleep(3)')
        slow.put("s")
        throwing.put("a")
        wait_for(lambda: throwing.batches() and slow.batches(), "the first failure", self.cloud.log)
        other.put("x")
        wait_for(lambda: other.batches(), "the other stream", self.cloud.log, seconds=1.5)
        throwing.put("b")
        throwing.function.answers("None")
        wait_for(lambda: throwing.batches()[-1] == ["b"], "recovery", self.cloud.log)
        tries = [batch for batch in throwing.batches() if batch == ["a"]]
        self.assertEqual(throwing.batches(), [*tries, ["b"]])

    def test_filters_see_the_keys(self):
        source = Source(self.cloud, FilterCriteria={"Filters": [{"Pattern": json.dumps(ORDERS)}]}, BatchSize=2)
        source.put("BOOK#1", "ORDER#1", "BOOK#2", "ORDER#2", "ORDER#3", "BOOK#3")
        self.cloud.client("dynamodb").delete_item(TableName=source.name, Key={"PK": {"S": "ORDER#1"}})
        self.assertEqual(*source.expect(["ORDER#1", "ORDER#2"], ["ORDER#3"]))
        self.assertNotIn("NewImage", source.function.events[0]["Records"][0]["dynamodb"])


class Restarts(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.close)

    def test_records_survive(self):
        for stop in (self.cloud.stop, self.cloud.kill):
            with self.subTest(stop.__name__):
                source = Source(self.cloud)
                source.put("a")
                wait_for(lambda: source.batches() == [["a"]], "the first record", self.cloud.log)
                source.function.answers('die("no")')
                source.put("b", "c")
                wait_for(lambda: len(source.batches()) > 1, "the failure", self.cloud.log)
                time.sleep(4)  # a snapshot
                stop()
                source.function.answers("None")
                failures = len(source.batches())
                self.cloud.start()
                wait_for(lambda: len(source.batches()) > failures, "the undelivered records", self.cloud.log)
                source.put("d")
                wait_for(lambda: source.batches()[-1] == ["d"], "a new record", self.cloud.log)
                self.assertEqual(source.batches()[failures:], [["b", "c"], ["d"]])
                stop()
                self.cloud.start()
                source.put("e")
                wait_for(lambda: source.batches()[-1] == ["e"], "a new record", self.cloud.log)

    def test_a_state_without_streams(self):
        """Of an earlier version: what was read before does not count."""
        source = Source(self.cloud)
        source.put("a", "b", "c")
        wait_for(lambda: source.batches(), "the records", self.cloud.log)
        self.cloud.stop()
        file = next(path for path in self.cloud.log.parent.glob("state/dynamodb.json"))
        state = json.loads(file.read_text())
        for key in ("stream_records", "stream_starts", "stream_positions"):
            del state["payload"][key]
        file.write_text(json.dumps(state))
        self.cloud.start()
        source.put("d")
        wait_for(lambda: source.batches()[-1] == ["d"], "the new record", self.cloud.log)
