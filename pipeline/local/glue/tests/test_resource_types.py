import unittest

from glue.api_shapes import to_input
from glue.tests.cloud import Cloud, outputs, wait_for

REPOSITORY = {"repositoryMetadata": {
    "repositoryId": "5f1c0b5e-0000-4000-8000-000000000000", "repositoryName": "books", "Arn": "arn:repository",
    "cloneUrlHttp": "http://clone", "cloneUrlSsh": "ssh://clone"}}


def template(pipeline="books", **properties):
    return {"Resources": {
        "Repository": {"Type": "AWS::CodeCommit::Repository", "Properties": {
            "RepositoryName": "books", "RepositoryDescription": properties.get("description", "d"),
            "Tags": [{"Key": "k", "Value": "v"}]}},
        "Project": {"Type": "AWS::CodeBuild::Project", "Properties": {
            "ServiceRole": "arn:role", "Source": {"Type": "CODEPIPELINE", "BuildSpec": "buildspec.yml"},
            "Artifacts": {"Type": "CODEPIPELINE"}, "TimeoutInMinutes": "15",
            "Environment": {"Type": "ARM_CONTAINER", "ComputeType": "BUILD_GENERAL1_LARGE", "Image": "i",
                            "EnvironmentVariables": [{"Name": "N", "Value": "1"}]},
            "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": "g"}, "S3Logs": {"Status": "DISABLED"}}}},
        "Reports": {"Type": "AWS::CodeBuild::ReportGroup", "Properties": {
            "Type": "TEST", "DeleteReports": True, "ExportConfig": {"ExportConfigType": "NO_EXPORT"}}},
        "Pipeline": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
            "Name": pipeline, "RoleArn": "arn:role", "PipelineType": "V2", "ExecutionMode": "QUEUED",
            "ArtifactStore": {"Type": "S3", "Location": "b"}, "Tags": [{"Key": "k", "Value": "v"}],
            "DisableInboundStageTransitions": [{"StageName": "Deploy", "Reason": "r"}],
            "RestartExecutionOnUpdate": True,
            "Stages": [{"Name": "Source", "Actions": [{
                "Name": "Source", "RunOrder": 1, "OutputArtifacts": [{"Name": "source"}],
                "ActionTypeId": {"Category": "Source", "Owner": "AWS", "Provider": "CodeCommit", "Version": 1},
                "Configuration": {"RepositoryName": {"Fn::GetAtt": ["Repository", "Name"]}, "BranchName": "main",
                                  "PollForSourceChanges": False}}]}]}}},
        "Outputs": {name: {"Value": value} for name, value in {
            "RepositoryRef": {"Ref": "Repository"}, "Clone": {"Fn::GetAtt": ["Repository", "CloneUrlHttp"]},
            "ProjectRef": {"Ref": "Project"}, "ProjectArn": {"Fn::GetAtt": ["Project", "Arn"]},
            "ReportsRef": {"Ref": "Reports"}, "PipelineRef": {"Ref": "Pipeline"},
            "PipelineArn": {"Fn::GetAtt": ["Pipeline", "Arn"]}, "Version": {"Fn::GetAtt": ["Pipeline", "Version"]}}.items()}}


class ResourceTypes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)

    def setUp(self):
        self.cloud.tools.requests.clear()
        self.addCleanup(self.delete, "s")
        project = lambda data: {"project": {"name": data["name"], "arn": f"arn:project/{data['name']}"}}  # noqa: E731
        group = lambda data: {"reportGroup": {"arn": data.get("arn") or f"arn:aws:codebuild:us-east-1:000000000000:report-group/{data['name']}"}}  # noqa: E731, E501
        self.cloud.tools.answers = {
            "CreateRepository": lambda _: REPOSITORY, "GetRepository": lambda _: REPOSITORY,
            "CreateProject": project, "UpdateProject": project,
            "CreateReportGroup": group, "UpdateReportGroup": group,
            "CreatePipeline": lambda data: {"pipeline": {**data["pipeline"], "version": 1}},
            "UpdatePipeline": lambda data: {"pipeline": {**data["pipeline"], "version": 2}}}

    def delete(self, stack):
        cfn = self.cloud.client("cloudformation")
        cfn.delete_stack(StackName=stack)
        wait_for(lambda: all(one["StackName"] != stack for one in cfn.describe_stacks()["Stacks"]), "the deletion", self.cloud.log)

    def last(self, operation):
        return self.cloud.tools.calls(operation)[-1]

    def test_create_update_replace_delete(self):
        stack = self.cloud.deploy("s", template())
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE", self.cloud.reasons("s"))
        made = outputs(stack)
        self.assertEqual((made["RepositoryRef"], made["Clone"], made["PipelineRef"], made["PipelineArn"], made["Version"]), (
            REPOSITORY["repositoryMetadata"]["repositoryId"], "http://clone", "books",
            "arn:aws:codepipeline:us-east-1:000000000000:books", "1"))
        self.assertEqual(self.last("CreateRepository"), {
            "repositoryName": "books", "repositoryDescription": "d", "tags": {"k": "v"}})
        project = self.last("CreateProject")
        self.assertRegex(project["name"], "^s-Project-")
        self.assertEqual(made["ProjectRef"], project["name"])
        self.assertEqual(project["source"], {"type": "CODEPIPELINE", "buildspec": "buildspec.yml"})
        self.assertEqual(project["logsConfig"], {
            "cloudWatchLogs": {"status": "ENABLED", "groupName": "g"}, "s3Logs": {"status": "DISABLED"}})
        self.assertEqual((project["timeoutInMinutes"], project["tags"]), (15, []))
        self.assertEqual(project["environment"]["environmentVariables"], [{"name": "N", "value": "1"}])
        self.assertNotIn("deleteReports", self.last("CreateReportGroup"))
        pipeline = self.last("CreatePipeline")
        self.assertEqual(pipeline["tags"], [{"key": "k", "value": "v"}])
        self.assertEqual(set(pipeline["pipeline"]), {
            "name", "roleArn", "pipelineType", "executionMode", "artifactStore", "stages"})
        action = pipeline["pipeline"]["stages"][0]["actions"][0]
        self.assertEqual(action["configuration"], {
            "RepositoryName": "books", "BranchName": "main", "PollForSourceChanges": "false"})
        self.assertEqual(action["actionTypeId"]["version"], "1")
        self.assertEqual(self.last("DisableStageTransition"), {
            "pipelineName": "books", "stageName": "Deploy", "transitionType": "Inbound", "reason": "r"})

        changed = template(description="new")
        changed["Resources"]["Pipeline"]["Properties"]["ExecutionMode"] = "SUPERSEDED"
        del changed["Resources"]["Pipeline"]["Properties"]["DisableInboundStageTransitions"]
        stack = self.cloud.deploy("s", changed)
        self.assertEqual((stack["StackStatus"], outputs(stack)["Version"]), ("UPDATE_COMPLETE", "2"))
        self.assertEqual(self.last("UpdateRepositoryDescription"), {"repositoryName": "books", "repositoryDescription": "new"})
        self.assertEqual(self.last("EnableStageTransition")["stageName"], "Deploy")
        self.assertEqual(self.last("StartPipelineExecution"), {"name": "books"})
        self.assertEqual(self.cloud.tools.calls("UpdateProject"), [])  # nothing of it changed

        self.cloud.deploy("s", template("renamed"))
        self.assertEqual(self.last("CreatePipeline")["pipeline"]["name"], "renamed")
        self.assertEqual(self.cloud.tools.calls("DeletePipeline"), [{"name": "books"}])

        self.cloud.tools.answers["DeletePipeline"] = lambda _: {"__type": "PipelineNotFoundException", "message": "gone"}
        self.delete("s")
        self.assertEqual(self.last("DeleteRepository"), {"repositoryName": "books"})
        self.assertEqual(self.last("DeleteReportGroup"), {"arn": made["ReportsRef"], "deleteReports": True})
        self.assertEqual(self.last("DeletePipeline"), {"name": "renamed"})

    def test_a_refusal_is_the_reason(self):
        self.cloud.tools.answers["CreatePipeline"] = lambda _: {"__type": "InvalidActionDeclarationException", "message": "no Foo"}
        stack = self.cloud.deploy("s", template())
        self.assertEqual(stack["StackStatus"], "ROLLBACK_COMPLETE")
        self.assertIn("no Foo (Service: codepipeline, Status Code: 400, Error: InvalidActionDeclarationException)",
                      self.cloud.reasons("s"))
        self.assertEqual(len(self.cloud.tools.calls("DeleteProject")), 1)

    def test_what_no_stack_owns_is_taken_over(self):
        taken = lambda _: {"__type": "PipelineNameInUseException", "message": "taken"}  # noqa: E731
        self.cloud.tools.answers["CreatePipeline"] = taken
        stack = self.cloud.deploy("s", template())
        self.assertEqual((stack["StackStatus"], outputs(stack)["Version"]), ("CREATE_COMPLETE", "2"))
        other = {"Resources": {"Pipeline": template()["Resources"]["Pipeline"]}}
        del other["Resources"]["Pipeline"]["Properties"]["Stages"]
        self.addCleanup(self.delete, "other")
        stack = self.cloud.deploy("other", other)
        self.assertEqual(stack["StackStatus"], "ROLLBACK_COMPLETE")
        self.assertTrue(any("PipelineNameInUseException" in reason for reason in self.cloud.reasons("other")))


class Inputs(unittest.TestCase):
    def test_unknown_properties_reach_the_service(self):
        self.assertEqual(to_input("codebuild", "CreateProject", {"Name": "n", "Frobnicate": {"A": 1}, "Triggers": []}),
                         {"name": "n", "frobnicate": {"A": 1}, "triggers": []})
