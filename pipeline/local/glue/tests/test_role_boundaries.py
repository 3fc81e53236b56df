import json
import unittest

import botocore.exceptions
from glue.tests.cloud import shared_cloud


def statement(*actions):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


class RoleBoundaries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.iam = cls.cloud.client("iam")
        cls.boundary = cls.iam.create_policy(
            PolicyName="sqs-only", PolicyDocument=json.dumps(statement("sqs:ListQueues")))["Policy"]["Arn"]

    def template(self, **properties):
        return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "inside", "AssumeRolePolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "Policies": [{"PolicyName": "p", "PolicyDocument": statement("sqs:*", "sns:*")}], **properties}}}}

    def simulate(self, action):
        [result] = self.iam.simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::000000000000:role/inside", ActionNames=[action])["EvaluationResults"]
        return result["EvalDecision"]

    def test_a_stacks_role_is_bounded(self):
        self.addCleanup(self.cloud.client("cloudformation").delete_stack, StackName="bounds")
        for properties, topics in (({"PermissionsBoundary": self.boundary}, "implicitDeny"), ({}, "allowed"),
                                   ({"PermissionsBoundary": self.boundary}, "implicitDeny")):
            stack = self.cloud.deploy("bounds", self.template(**properties))
            self.assertIn(stack["StackStatus"], ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.cloud.reasons("bounds"))
            self.assertEqual((self.simulate("sqs:ListQueues"), self.simulate("sns:ListTopics")), ("allowed", topics))
        session = self.cloud.session("arn:aws:iam::000000000000:role/inside")
        self.cloud.client("sqs", **session).list_queues()
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.cloud.client("sns", **session).list_topics()
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)

    def test_a_boundary_that_is_not_there(self):
        stack = self.cloud.deploy("unbounded", self.template(
            RoleName="outside", PermissionsBoundary="arn:aws:iam::000000000000:policy/none"))
        self.assertEqual(stack["StackStatus"], "ROLLBACK_COMPLETE")
        self.assertIn("Scope ARN: arn:aws:iam::000000000000:policy/none does not exist or is not attachable.",
                      self.cloud.reasons("unbounded"))
