import json
import os
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from glue import snapshot_files
from glue.code_files import CodeFiles
from glue.tests.cloud import Cloud, bootstrap_zip, outputs

STACK = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "named"}},
                       "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
                           "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                           "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}},
         "Outputs": {"Table": {"Value": {"Ref": "Table"}}}}


class Snapshots(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.close)

    def snapshots(self):
        state = Path(self.cloud.folder.name, "state")
        return {file.name: file.stat().st_mtime_ns for file in state.glob("*.json")}

    def restart(self):
        self.cloud.kill()
        self.cloud.start()

    def test_state_survives(self):
        role = self.cloud.role("f", "lambda.amazonaws.com", ("logs:*", "*"))
        self.cloud.client("lambda").create_function(
            FunctionName="f", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": bootstrap_zip()})
        stack = self.cloud.deploy("s", STACK)
        time.sleep(1)  # a CloudFormation operation is saved soon
        self.restart()
        table = outputs(self.cloud.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0])["Table"]
        self.assertEqual(table, outputs(stack)["Table"])
        self.assertEqual(self.cloud.client("lambda").invoke(FunctionName="f", Payload="{}")["StatusCode"], 200)

        self.cloud.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "a"}})
        self.cloud.client("s3").put_object(Bucket="named", Key="k", Body=b"v")
        time.sleep(4)  # everything else within 3 s
        self.restart()
        self.assertIn("Item", self.cloud.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "a"}}))
        self.assertEqual(self.cloud.client("s3").get_object(Bucket="named", Key="k")["Body"].read(), b"v")

        before = self.snapshots()
        time.sleep(4)  # nothing changes, nothing is written
        self.assertEqual(self.snapshots(), before)

    def test_logs_are_saved_with_operations(self):
        logs = self.cloud.client("logs")
        logs.create_log_group(logGroupName="seldom-saved")
        self.cloud.client("sqs").create_queue(QueueName="q")
        saved = Path(self.cloud.folder.name, "state", "cloudwatch_logs.json")
        time.sleep(4)
        self.assertIn("sqs.json", self.snapshots())
        self.assertFalse(saved.exists() and "seldom-saved" in saved.read_text(), "they are much, and wait")
        self.cloud.deploy("s", STACK)
        time.sleep(1)
        self.restart()
        self.assertEqual([group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]], ["seldom-saved"])

    def test_an_unreadable_list_of_buckets_costs_none(self):
        self.cloud.client("s3").create_bucket(Bucket="kept")
        self.cloud.client("s3").put_object(Bucket="kept", Key="k", Body=b"v")
        self.cloud.stop()
        folder = Path(self.cloud.folder.name)
        (folder / "state/s3.json").write_text("{ half a file")
        with self.assertRaises(AssertionError):
            self.cloud.start(seconds=5)
        self.assertIn("s3.json cannot be read", self.cloud.log.read_text())
        self.assertTrue(list((folder / "s3").glob("*/kept/k")))

    def test_a_bucket_lost_by_a_crash_can_be_made_again(self):
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="named")
        s3.put_object(Bucket="named", Key="k", Body=b"v")
        self.restart()  # within 3 s, before a snapshot
        self.assertEqual(s3.list_buckets()["Buckets"], [])
        self.assertEqual(self.cloud.deploy("s", STACK)["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("s"))
        self.assertNotIn("Contents", s3.list_objects_v2(Bucket="named"))

    def test_an_operation_cut_off_is_marked(self):
        self.cloud.deploy("s", STACK)
        time.sleep(1)
        self.cloud.kill()
        saved = Path(self.cloud.folder.name, "state", "cloudformation.json")
        saved.write_text(saved.read_text().replace('"StackStatus": "CREATE_COMPLETE"', '"StackStatus": "UPDATE_IN_PROGRESS"'))
        self.cloud.start()
        stack = self.cloud.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "UPDATE_FAILED")
        self.assertIn("stopped during this operation", stack["StackStatusReason"])


class CodeOnDisk(unittest.TestCase):
    def test_code_is_written_once_while_it_is_in_use(self):
        written = []
        files = CodeFiles(lambda code: written.append(code) or code.decode(), prune := mock.Mock())
        code, other = b"code", b"other"
        self.assertEqual([files.write(code), files.write(other), files.write(code)], ["code", "other", "code"])
        self.assertEqual(written, [code, other])
        files.prune({"other"})
        prune.assert_called_once_with({"other"})
        files.write(other)
        files.write(code)
        self.assertEqual(written, [code, other, code], "its file is gone")


class Commit(unittest.TestCase):
    """A crash at any point leaves all of a snapshot, or none of it."""

    def test_crash(self):
        class Crash(BaseException):
            pass

        calls = (("open", "builtins.open"), ("rename", "os.rename"), ("replace", "os.replace"), ("rmdir", "os.rmdir"))
        for step, (name, function) in enumerate(calls):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder, mock.patch.multiple(
                    snapshot_files, STATE_DIR=folder, _PENDING=f"{folder}/pending", _COMMITTED=f"{folder}/committed"):
                snapshot_files.commit({"a": "1", "b": "1"})
                with self.assertRaises(Crash), mock.patch(function, side_effect=Crash):
                    snapshot_files.commit({"a": "2", "b": "2"})
                snapshot_files.recover()
                self.assertEqual(sorted(os.listdir(folder)), ["a.json", "b.json"])
                expected = "1" if step < 2 else "2"
                self.assertEqual({Path(folder, file).read_text() for file in os.listdir(folder)}, {expected})
                snapshot_files.commit({"a": "3"})
