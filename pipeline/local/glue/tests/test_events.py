import json
import unittest

from glue.tests.cloud import TOKEN, shared_cloud, wait_for

PIPELINE = "arn:aws:codepipeline:us-east-1:000000000000:books"
DETAIL = {"event": "referenceUpdated", "referenceName": "main", "commitId": "c0ffee"}


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.cloud.tools.answers["StartPipelineExecution"] = lambda _: {"pipelineExecutionId": "e"}
        cls.role = cls.cloud.role("starter", "events.amazonaws.com", ("codepipeline:StartPipelineExecution", PIPELINE))

    def setUp(self):
        self.cloud.tools.requests.clear()

    def rule(self, **target):
        events = self.cloud.client("events")
        arn = events.put_rule(Name="r", EventPattern=json.dumps({"source": ["aws.codecommit"]}))["RuleArn"]
        self.addCleanup(events.delete_rule, Name="r")
        events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": PIPELINE, "RoleArn": self.role, **target}])
        return arn

    def publish(self, token=TOKEN):
        """Put a CodeCommit event, as the developer tools do."""
        events = self.cloud.client("events")
        events.meta.events.register("before-send.events.PutEvents", lambda request, **_:
                                    request.headers.__setitem__("x-devtools-token", token))
        return events.put_events(Entries=[{"Source": "aws.codecommit", "DetailType": "CodeCommit Repository State Change",
                                           "Detail": json.dumps(DETAIL), "Resources": ["arn:repository"]}])

    def started(self):
        calls = self.cloud.tools.calls
        wait_for(lambda: calls("StartPipelineExecution"), "the pipeline to start", self.cloud.log)
        return calls("StartPipelineExecution")[0]

    def logged(self, text):
        wait_for(lambda: text in self.cloud.log.read_text(), text, self.cloud.log)
        self.assertEqual(self.cloud.tools.calls("StartPipelineExecution"), [])

    def test_only_the_developer_tools_publish_as_aws(self):
        self.assertEqual(self.publish("wrong")["Entries"][0]["ErrorCode"], "NotAuthorizedForSourceException")
        self.assertEqual(self.publish()["FailedEntryCount"], 0)

    def test_a_transformed_input_pins_the_revision(self):
        rule = self.rule(InputTransformer={
            "InputPathsMap": {"commit": "$.detail.commitId"},
            "InputTemplate": '{"sourceRevisions": [{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": <commit>}]}'})
        self.publish()
        self.assertEqual(self.started(), {"name": "books", "sourceRevisions": [
            {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "c0ffee"}]})
        trigger = json.loads(self.cloud.tools.requests[0][1]["x-devtools-trigger"])
        self.assertEqual(trigger, {"triggerType": "CloudWatchEvent", "triggerDetail": rule})

    def test_constant_and_plain_inputs(self):
        self.rule(Input=json.dumps({"variables": [{"name": "n", "value": "v"}], "other": 1}))
        self.publish()
        self.assertEqual(self.started(), {"name": "books", "variables": [{"name": "n", "value": "v"}]})
        self.cloud.tools.requests.clear()
        self.rule()
        self.publish()
        self.assertEqual(self.started(), {"name": "books"})

    def test_a_role_without_permission_starts_nothing(self):
        self.rule(RoleArn=self.cloud.role("other", "events.amazonaws.com", ("codepipeline:StartPipelineExecution", PIPELINE + "2")))
        self.publish()
        self.logged(f"role other is not authorized to perform codepipeline:StartPipelineExecution on resource {PIPELINE}")

    def test_a_role_of_another_service_starts_nothing(self):
        self.rule(RoleArn=self.cloud.role("wrong", "lambda.amazonaws.com", ("codepipeline:*", "*")))
        self.publish()
        self.logged("role wrong does not let events.amazonaws.com assume it")

    def test_the_confused_deputy_condition_counts(self):
        trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole",
                 "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/x"}}}
        self.rule(RoleArn=self.cloud.role("deputy", "", ("codepipeline:*", "*"), trust=trust))
        self.publish()
        self.logged("role deputy does not let events.amazonaws.com assume it")

    def test_a_refusal_of_the_service_is_logged(self):
        self.rule()
        self.cloud.tools.answers["StartPipelineExecution"] = lambda _: {"__type": "PipelineNotFoundException", "message": "no such"}
        self.addCleanup(self.cloud.tools.answers.update, StartPipelineExecution=lambda _: {"pipelineExecutionId": "e"})
        self.publish()
        wait_for(lambda: "no such" in self.cloud.log.read_text(), "the log")
