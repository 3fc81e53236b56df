import unittest
from pathlib import Path

from glue import handler_rules
from glue.handler_rights import KINDS
from glue.handler_rules import Change, Right
from ministack.services.cloudformation import engine

REPOSITORY = Path(__file__).parents[4]
GROUP = "arn:aws:codedeploy:us-east-1:1:deploymentgroup:app/group"


def arn(template):
    return "arn:aws:" + template.format(region="us-east-1", account="1", FunctionName="f")


class HandlerRights(unittest.TestCase):
    def test_every_type_in_this_repositorys_stacks_is_listed(self):
        found = set()
        for path in (REPOSITORY / "template.yaml", *REPOSITORY.glob("pipeline/*.yaml"), REPOSITORY / "frontend/hosting.yaml"):
            template = engine._parse_template(path.read_text().replace("CodeUri: functions/", "CodeUri: s3://code/"))
            shifting = [{"ParameterKey": "ShiftTraffic", "ParameterValue": "true"}] if "ShiftTraffic" in template["Parameters"] else []
            found |= {resource["Type"] for resource in engine._apply_transforms(template, shifting)["Resources"].values()}
        self.assertLess({"AWS::Lambda::Function", "AWS::ApiGatewayV2::Api", "AWS::CodePipeline::Pipeline"}, found)
        self.assertEqual(found - KINDS.keys(), set())

    def test_codedeploy_moves_an_alias_that_says_so(self):
        before, after = ({"FunctionName": "f", "FunctionVersion": version} for version in "12")
        policy = {"UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {"ApplicationName": "app", "DeploymentGroupName": "group"}}}
        stack = {"_resources": {"G": {"PhysicalResourceId": "group", "Properties": {"DeploymentConfigName": "Slowly"}}}}
        self.assertEqual(list(handler_rules.alias(Change("update", before, after, arn, policy, stack))), [
            Right("codedeploy:CreateDeployment", GROUP), Right("codedeploy:GetDeployment", GROUP),
            Right("codedeploy:GetDeploymentConfig", "arn:aws:codedeploy:us-east-1:1:deploymentconfig:Slowly")])
        plain = [Right("lambda:UpdateAlias", "arn:aws:lambda:us-east-1:1:function:f")]
        self.assertEqual(list(handler_rules.alias(Change("update", before, after, arn, {}, stack))), plain)
        described = {**before, "Description": "d"}
        self.assertEqual(list(handler_rules.alias(Change("update", before, described, arn, policy, stack))), plain)

    def test_roles_are_passed_to_the_service_that_gets_them(self):
        for kind, properties, passed in (
                ("AWS::CodeDeploy::DeploymentGroup", {"ServiceRoleArn": "r"}, {"r": "codedeploy"}),
                ("AWS::CodeBuild::Project", {"ServiceRole": "r"}, {"r": "codebuild"}),
                ("AWS::Events::Rule", {"Targets": [{"Arn": "a", "RoleArn": "r"}, {"Arn": "b"}]}, {"r": "events"}),
                ("AWS::CodePipeline::Pipeline", {"RoleArn": "r", "Stages": [{"Actions": [{"RoleArn": "s"}, {}]}]},
                 {"r": "codepipeline", "s": "codepipeline"})):
            rights = list(KINDS[kind].more(Change("create", {}, properties, arn)))
            self.assertEqual(rights, [Right("iam:PassRole", role, {"iam:passedtoservice": f"{service}.amazonaws.com"})
                                      for role, service in passed.items()], kind)
