import json
import unittest

from glue.tests.cloud import shared_cloud


class PolicySimulator(unittest.TestCase):
    def decisions(self, resources, **context):
        entries = [{"ContextKeyName": key.replace("_", ":"), "ContextKeyType": "string", "ContextKeyValues": [value]}
                   for key, value in context.items()]
        answer = self.iam.simulate_principal_policy(PolicySourceArn=self.role, ActionNames=["iam:PassRole"],
                                                    ResourceArns=resources, ContextEntries=entries)
        return {result["EvalResourceName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}

    def setUp(self):
        cloud = shared_cloud()
        self.iam = cloud.client("iam")
        self.role = cloud.role("simulated", "codepipeline.amazonaws.com", ("s3:GetObject", "*"))
        self.iam.put_role_policy(RoleName="simulated", PolicyName="Pass", PolicyDocument=json.dumps({"Statement": [
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::000000000000:role/deploy",
             "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}}]}))

    def test_a_condition_is_met_by_the_context(self):
        deploy, other = (f"arn:aws:iam::000000000000:role/{name}" for name in ("deploy", "other"))
        passed = self.decisions([other, deploy], iam_PassedToService="cloudformation.amazonaws.com")
        self.assertEqual(passed, {other: "implicitDeny", deploy: "allowed"})
        self.assertEqual(self.decisions([deploy], iam_PassedToService="ec2.amazonaws.com"), {deploy: "implicitDeny"})
        self.assertEqual(self.decisions([deploy]), {deploy: "implicitDeny"})
