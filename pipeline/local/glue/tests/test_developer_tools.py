import unittest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.parsers import RpcV2CBORParser
from glue import iam_resources
from glue.tests.cloud import TOKEN, shared_cloud

ARN = "arn:aws:{}:us-east-1:000000000000:{}"


class Resources(unittest.TestCase):
    """What each operation is authorized on."""

    def test_arns(self):
        for service, operation, data, *names in (
            ("codecommit", "GetBranch", {"repositoryName": "r", "branchName": "b"}, "r"),
            ("codecommit", "ListRepositories", {}),
            ("codecommit", "BatchGetRepositories", {"repositoryNames": ["a", "b"]}, "a", "b"),
            ("codecommit", "UpdateRepositoryName", {"oldName": "a", "newName": "b"}, "a"),
            ("codepipeline", "CreatePipeline", {"pipeline": {"name": "p"}}, "p"),
            ("codepipeline", "StartPipelineExecution", {"name": "p"}, "p"),
            ("codepipeline", "ListActionExecutions", {"pipelineName": "p"}, "p"),
            ("codepipeline", "ListPipelines", {}),
            ("codepipeline", "RetryStageExecution", {"pipelineName": "p", "stageName": "s"}, "p/s"),
            ("codepipeline", "PutApprovalResult", {"pipelineName": "p", "stageName": "s", "actionName": "a"}, "p/s/a"),
            ("codepipeline", "ListTagsForResource", {"resourceArn": ARN.format("codepipeline", "p")}, "p"),
            ("codebuild", "StartBuild", {"projectName": "p"}, "project/p"),
            ("codebuild", "BatchGetBuilds", {"ids": ["a:1", "b:2"]}, "project/a", "project/b"),
            ("codebuild", "StopBuild", {"id": ARN.format("codebuild", "build/a:1")}, "project/a"),
            ("codebuild", "CreateReportGroup", {"name": "g"}, "report-group/g"),
            ("codebuild", "BatchGetReports", {"reportArns": [ARN.format("codebuild", "report/g:1")]}, "report-group/g"),
            ("codebuild", "ListProjects", {}),
            ("codedeploy", "CreateApplication", {"applicationName": "a"}, "application:a"),
            ("codedeploy", "ListApplications", {}),
            ("codedeploy", "CreateDeployment", {"applicationName": "a", "deploymentGroupName": "g",
                                                "deploymentConfigName": "c"}, "deploymentgroup:a/g"),
            ("codedeploy", "UpdateDeploymentGroup", {"applicationName": "a", "currentDeploymentGroupName": "g"},
             "deploymentgroup:a/g"),
            ("codedeploy", "GetDeploymentConfig", {"deploymentConfigName": "c"}, "deploymentconfig:c"),
            ("codedeploy", "StopDeployment", {"deploymentId": "d-1"}, "deploymentgroup:of/d-1"),
            ("codedeploy", "BatchGetDeployments", {"deploymentIds": ["d-1", "nobody's"]}, "deploymentgroup:of/d-1"),
            ("codedeploy", "GetDeployment", {"deploymentId": "nobody's"}),
            ("codedeploy", "TagResource", {"ResourceArn": ARN.format("codedeploy", "application:a")}, "application:a"),
        ):
            with self.subTest(operation):
                self.assertEqual(iam_resources.arns(service, operation, data, "us-east-1", "000000000000",
                                                    lambda id: ("of", id) if id.startswith("d-") else None),
                                 [ARN.format(service, name) for name in names] or ["*"])


class DeveloperTools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.role = cls.cloud.role(
            "tools", "codebuild.amazonaws.com",
            ("codecommit:GetBranch", ARN.format("codecommit", "mine")),
            ("codebuild:BatchGetBuilds", ARN.format("codebuild", "project/mine")),
            ("codepipeline:GetPipeline", ARN.format("codepipeline", "mine")))
        cls.session = cls.cloud.session(cls.role)

    def code(self, call):
        with self.assertRaises(ClientError) as raised:
            call()
        return raised.exception.response["Error"]["Code"]

    def test_requests_and_answers_are_passed_on(self):
        self.cloud.tools.answers["GetBranch"] = lambda data: {"branch": {"branchName": data["branchName"]}}
        answer = self.cloud.client("codecommit").get_branch(repositoryName="r", branchName="main")
        self.assertEqual(answer["branch"], {"branchName": "main"})
        path, headers, _ = self.cloud.tools.requests[-1]
        self.assertEqual((path, headers["x-devtools-token"], headers["x-devtools-account"]), ("/", TOKEN, "000000000000"))
        self.assertEqual(headers["x-devtools-caller"], "arn:aws:iam::000000000000:root")

    def test_errors_are_passed_on(self):
        self.cloud.tools.answers["GetRepository"] = lambda _: {"__type": "RepositoryDoesNotExistException", "message": "m"}
        client = self.cloud.client("codecommit")
        self.assertEqual(self.code(lambda: client.get_repository(repositoryName="r")), "RepositoryDoesNotExistException")

    def test_each_service_is_authorized_on_its_resources(self):
        commit, build, pipeline = (self.cloud.client(name, **self.session)
                                   for name in ("codecommit", "codebuild", "codepipeline"))
        self.cloud.tools.answers["GetBranch"] = lambda _: {}
        commit.get_branch(repositoryName="mine", branchName="b")
        build.batch_get_builds(ids=["mine:1", "mine:2"])
        pipeline.get_pipeline(name="mine")
        seen = len(self.cloud.tools.requests)
        for call in (lambda: commit.get_branch(repositoryName="other", branchName="b"),
                     lambda: commit.list_repositories(),
                     lambda: build.batch_get_builds(ids=["other:1"]),
                     lambda: build.batch_get_builds(ids=["mine:1", "other:1"]),
                     lambda: pipeline.get_pipeline(name="other"),
                     lambda: pipeline.start_pipeline_execution(name="mine")):
            self.assertEqual(self.code(call), "AccessDeniedException")
        self.assertEqual(len(self.cloud.tools.requests), seen)

    def test_wrong_credentials_are_refused(self):
        client = self.cloud.client("codepipeline", key="AKIAUNKNOWN")
        self.assertEqual(self.code(client.list_pipelines), "UnrecognizedClientException")

    def cbor(self, path, body=b"\xa0", key="test"):
        headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "accept": "application/cbor"}
        if key:
            headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/codepipeline/aws4_request, "
                                        "SignedHeaders=host, Signature=0")
        status, answered, answer = self.cloud.get(path, "POST", headers, body)
        parser = RpcV2CBORParser()
        return status, answered, parser.parse_data_item(parser.get_peekable_stream_from_bytes(answer))

    def test_cbor_is_passed_on(self):
        status, headers, answer = self.cbor("/service/CodePipeline_20150709/operation/ListPipelines")
        self.assertEqual((status, answer, headers["smithy-protocol"]), (200, {}, "rpc-v2-cbor"))
        self.assertEqual(self.cloud.tools.requests[-1][0], "/service/CodePipeline_20150709/operation/ListPipelines")

    def test_cbor_is_refused_in_cbor(self):
        path = "/service/CodePipeline_20150709/operation/GetPipeline"
        for key, code in (("AKIAUNKNOWN", "IncompleteSignatureException"), (None, "MissingAuthenticationTokenException")):
            status, headers, answer = self.cbor(path, b"\xa1\x64name\x61p", key)
            self.assertEqual((status, answer["__type"], headers["smithy-protocol"]), (400, code, "rpc-v2-cbor"))

    def test_cbor_names_its_resource(self):
        for name, status in (("mine", 200), ("othr", 400)):
            request = AWSRequest("POST", f"{self.cloud.url}/service/CodePipeline_20150709/operation/GetPipeline",
                                 data=b"\xa1\x64name\x64" + name.encode(),
                                 headers={"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"})
            SigV4Auth(Credentials(self.session["key"], self.session["secret"], self.session["token"]),
                      "codepipeline", "us-east-1").add_auth(request)
            found, _, body = self.cloud.get(request.url, "POST", dict(request.headers.items()), request.data)
            self.assertEqual(found, status, body)

    def test_a_request_is_authorized_as_what_is_executed(self):
        # The path names one operation and the target header another: only one of them goes on.
        headers = {"X-Amz-Target": "CodePipeline_20150709.ListPipelines"}
        self.cloud.get("/service/CodePipeline_20150709/operation/DeletePipeline", "POST", {
            **headers, "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/codepipeline/aws4_request"})
        path, sent, _ = self.cloud.tools.requests[-1]
        self.assertEqual((path.rsplit("/", 1)[-1], "x-amz-target" in sent), ("DeletePipeline", False))

    def test_a_missing_service_is_named(self):
        def hang_up(_):
            raise ConnectionAbortedError
        self.cloud.tools.answers["ListRepositories"] = hang_up
        with self.assertRaises(ClientError) as raised:
            self.cloud.client("codecommit").list_repositories()
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 503)
        self.assertIn("local developer tools do not answer", str(raised.exception))
