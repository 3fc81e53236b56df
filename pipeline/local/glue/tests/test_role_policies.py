import json
import unittest

from botocore.exceptions import ClientError

from glue.tests.cloud import outputs, shared_cloud

TEMPLATE = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"]}}},
    "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}, "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}}


class RolePolicies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        made = cls.cloud.deploy("role-policies", TEMPLATE)
        assert made["StackStatus"] == "CREATE_COMPLETE", cls.cloud.reasons("role-policies")
        cls.made = outputs(made)

    def test_a_role_may_publish_to_a_topic_only_if_its_policies_say_so(self):
        role, topic = self.made["Role"], self.made["Topic"]
        sns = self.cloud.client("sns", **self.cloud.session(role))
        with self.assertRaisesRegex(ClientError, "sns:Publish"):
            sns.publish(TopicArn=topic, Message="a")
        self.cloud.client("iam").put_role_policy(
            RoleName=role.split("/")[-1], PolicyName="Publish",
            PolicyDocument=json.dumps({"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}]}))
        self.assertIn("MessageId", sns.publish(TopicArn=topic, Message="a"))

    def test_a_user_pool_is_known_by_its_tag(self):
        pools = self.cloud.client("cognito-idp")
        ours, other = (pools.create_user_pool(PoolName="p", UserPoolTags=tags)["UserPool"]["Id"] for tags in ({"Stack": "s"}, {}))
        self.cloud.client("iam").put_role_policy(
            RoleName=self.made["Role"].split("/")[-1], PolicyName="Accounts", PolicyDocument=json.dumps({"Statement": [
                {"Effect": "Allow", "Action": "cognito-idp:AdminCreateUser", "Resource": "*",
                 "Condition": {"StringEquals": {"aws:ResourceTag/Stack": "s"}}}]}))
        session = self.cloud.client("cognito-idp", **self.cloud.session(self.made["Role"]))
        self.assertIn("User", session.admin_create_user(UserPoolId=ours, Username="ada@example.com"))
        with self.assertRaisesRegex(ClientError, "cognito-idp:AdminCreateUser"):
            session.admin_create_user(UserPoolId=other, Username="ada@example.com")

    def test_a_traced_function_may_write_traces(self):
        actions = ["xray:PutTraceSegments", "xray:GetTraceSummaries"]
        answer = self.cloud.client("iam").simulate_principal_policy(PolicySourceArn=self.made["Role"], ActionNames=actions)
        decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
        self.assertEqual(decisions, ["allowed", "implicitDeny"])
