import json
import time
import unittest

import botocore.exceptions
from glue.tests.cloud import shared_cloud
from glue.tests.test_stream_sources import KEYS

ITEM = {"PK": {"S": "a"}}


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.tables = cls.cloud.client("dynamodb", read_timeout=1)
        cls.tables.create_table(TableName="faults", BillingMode="PAY_PER_REQUEST", **KEYS)

    def setUp(self):
        self.addCleanup(self.cloud.get, "/_local/faults", "DELETE")
        self.tables.delete_item(TableName="faults", Key=ITEM)

    def set(self, *faults):
        status, _, body = self.cloud.get("/_local/faults", "POST", body=json.dumps(faults).encode())
        return status, json.loads(body)

    def left(self):
        return json.loads(self.cloud.get("/_local/faults")[2])

    def put(self, tables=None):
        (tables or self.tables).transact_write_items(TransactItems=[
            {"Put": {"TableName": "faults", "Item": ITEM}},
            {"ConditionCheck": {"TableName": "faults", "Key": {"PK": {"S": "b"}}, "ConditionExpression": "attribute_not_exists(PK)"}}])

    def fails(self, code, tables=None):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.put(tables)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
        return raised.exception.response

    def is_there(self):
        return "Item" in self.tables.get_item(TableName="faults", Key=ITEM)

    def test_faults_come_in_order_and_are_used_up(self):
        self.set({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "conflict", "times": 2},
                 {"service": "dynamodb", "operation": "TransactWriteItems", "fault": "throttle"},
                 {"service": "dynamodb", "fault": "error"})
        for left in (3, 2):
            self.assertEqual([reason["Code"] for reason in self.fails("TransactionCanceledException")["CancellationReasons"]],
                             ["TransactionConflict"] * 2)
            self.assertEqual(len(self.left()), left)
        self.fails("ThrottlingException")
        self.assertEqual(self.fails("InternalServerError")["ResponseMetadata"]["HTTPStatusCode"], 500)
        self.assertEqual(self.left(), [])
        self.assertFalse(self.is_there())
        self.put()
        self.assertTrue(self.is_there())

    def test_no_answer(self):
        for fault, done in (("timeout", False), ("lost-answer", True)):
            with self.subTest(fault):
                self.set({"service": "dynamodb", "operation": "TransactWriteItems", "fault": fault, "seconds": 2})
                with self.assertRaises(botocore.exceptions.ReadTimeoutError):
                    self.put()
                time.sleep(1.2)
                self.assertEqual(self.is_there(), done)

    def test_only_the_named_caller_and_call(self):
        role = self.cloud.role("faulty", "lambda.amazonaws.com", ("dynamodb:*", "*"))
        self.cloud.client("iam").update_assume_role_policy(RoleName="faulty", PolicyDocument=json.dumps({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}))
        function = self.cloud.client("dynamodb", **self.cloud.session(role))
        self.set({"service": "dynamodb", "fault": "error", "caller": "*:assumed-role/faulty/*", "after": 1})
        self.put()
        self.put(function)
        self.put()
        self.fails("InternalServerError", function)
        self.put(function)

    def test_another_protocol(self):
        self.set({"service": "sns", "operation": "ListTopics", "fault": "throttle"})
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.cloud.client("sns").list_topics()
        self.assertEqual(raised.exception.response["Error"]["Code"], "ThrottlingException")

    def test_nonsense_is_refused(self):
        for faults in ([{"service": "dynamodb"}], [{"service": "x", "fault": "error"}], [1],
                       [{"service": "dynamodb", "fault": "error", "times": 0}],
                       [{"service": "dynamodb", "fault": "fire"}], [{"service": "dynamodb", "fault": "error", "more": 1}]):
            self.assertEqual(self.set(*faults)[0], 400, faults)
        self.assertEqual(self.cloud.get("/_local/faults", headers={"Host": "example.com"})[0], 403)
        self.assertEqual(self.left(), [])
