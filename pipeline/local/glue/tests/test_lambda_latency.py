import json
import statistics
import time
import unittest

from glue.tests.cloud import bootstrap_zip, shared_cloud


class LambdaLatency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        role = cls.cloud.role("f", "lambda.amazonaws.com", ("logs:*", "*"))
        cls.functions = cls.cloud.client("lambda")
        cls.functions.create_function(FunctionName="f", Runtime="provided.al2023", Handler="bootstrap", Role=role,
                                      Code={"ZipFile": bootstrap_zip()})

    def invoke(self, **event):
        start = time.perf_counter()
        answer = self.functions.invoke(FunctionName="f", Payload=json.dumps(event))
        self.assertNotIn("FunctionError", answer)
        answer["Payload"].read()
        return time.perf_counter() - start

    def test_neither_stall(self):
        self.invoke()
        self.assertLess(statistics.median(self.invoke() for _ in range(20)), 0.04)

    def test_log_lines_belong_to_their_invocation(self):
        # Each line is there when its own invocation has answered, not one later.
        logs = self.cloud.client("logs")
        for index in range(5):
            self.invoke(log=f"line {index}")
            messages = [event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/f")["events"]]
            self.assertTrue(any(f"line {index}" in message for message in messages), messages)
