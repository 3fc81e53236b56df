import json
import re
import unittest

import botocore.exceptions
from glue.tests.cloud import bootstrap_zip, shared_cloud

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


class Deployment:
    """A stack that is deployed with a role of its own name."""

    def __init__(self, test, name, *statements):
        self.cloud, self.name = test.cloud, name
        self.cfn = self.cloud.client("cloudformation")
        self.role = self.cloud.role(f"deploys-{name}", "cloudformation.amazonaws.com", ("none:None", "*"))
        self.allow(*statements)
        test.addCleanup(self.delete)

    def allow(self, *statements):
        """The whole policy of the role, in statements of actions, a resource and perhaps a condition."""
        self.cloud.client("iam").put_role_policy(RoleName=f"deploys-{self.name}", PolicyName="p", PolicyDocument=json.dumps({
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource, **({"Condition": more[0]} if more else {})}
                          for actions, resource, *more in statements or [("none:None", "*")]]}))

    def create(self, resources, **arguments):
        return self._settled(self.cfn.create_stack, resources, RoleARN=self.role, **arguments)

    def update(self, resources, **arguments):
        return self._settled(self.cfn.update_stack, resources, **arguments)

    def _settled(self, operation, resources, **arguments):
        operation(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_NAMED_IAM"],
                  **arguments)
        return self.cloud.settled(self.name)["StackStatus"]

    def reasons(self):
        return " ".join(self.cloud.reasons(self.name))

    def delete(self):
        self.allow(("*", "*"))
        self.remove()

    def remove(self):
        """Delete the stack with the rights that its role has; answer its last status."""
        stacks = [one for one in self.cfn.describe_stacks()["Stacks"] if one["StackName"] == self.name]
        for stack in stacks:
            self.cfn.delete_stack(StackName=self.name)
            return self.cloud.settled(stack["StackId"])["StackStatus"]


def denied(name, action, resource):
    return (f"User: arn:aws:sts::000000000000:assumed-role/deploys-{name}/AWSCloudFormation is not authorized to perform: {action}"
            f" on resource: {resource} because no identity-based policy allows the {action} action")


class StackRoles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()

    def test_a_right_that_the_role_lacks_fails_the_resource(self):
        queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "lacking-q"}}}
        stack = Deployment(self, "lacking", ("sqs:GetQueueAttributes", "*"))
        self.assertEqual(stack.create(queue), "ROLLBACK_COMPLETE")
        self.assertIn(denied("lacking", "sqs:CreateQueue", "arn:aws:sqs:us-east-1:000000000000:lacking-q"), stack.reasons())
        self.assertFalse(self.cloud.client("sqs").list_queues(QueueNamePrefix="lacking-q").get("QueueUrls"))

    def test_a_tag_says_whose_a_user_pool_is(self):
        pools, own = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/*", {"StringEquals": {"aws:ResourceTag/Stack": "pools"}}
        stack = Deployment(
            self, "pools", ("cognito-idp:CreateUserPool", "*", {"StringEquals": {"aws:RequestTag/Stack": "pools"}}),
            (["cognito-idp:DescribeUserPool", "cognito-idp:CreateUserPoolClient", "cognito-idp:DescribeUserPoolClient"], pools, own))
        pool = {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolTags": {"Stack": "pools"}}}}
        self.assertEqual(stack.create(pool), "CREATE_COMPLETE", stack.reasons())
        client = {"Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}}}}
        self.assertEqual(stack.update(pool | client), "UPDATE_COMPLETE", stack.reasons())
        other = self.cloud.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]
        client["Client"]["Properties"]["UserPoolId"] = other["Id"]
        self.assertEqual(stack.update(pool | {"Other": client["Client"]}), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn(denied("pools", "cognito-idp:CreateUserPoolClient", other["Arn"]), stack.reasons())

    def test_the_role_stays_with_the_stack(self):
        queue = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}
        names = "arn:aws:sqs:us-east-1:000000000000:staying-*"
        stack = Deployment(self, "staying", (["sqs:CreateQueue", "sqs:GetQueueAttributes"], names))
        self.assertEqual(stack.create(queue), "CREATE_COMPLETE", stack.reasons())
        [described] = stack.cfn.describe_stacks(StackName="staying")["Stacks"]
        self.assertEqual(described["RoleARN"], stack.role)
        queue["Queue"]["Properties"]["VisibilityTimeout"] = 7
        self.assertEqual(stack.update(queue), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("not authorized to perform: sqs:SetQueueAttributes on resource: arn:aws:sqs:us-east-1:000000000000:staying-",
                      stack.reasons())
        self.assertEqual(stack.remove(), "DELETE_FAILED")
        self.assertIn("sqs:DeleteQueue", stack.reasons())

    def test_what_a_rollback_may_not_delete_fails_it(self):
        resources = {"Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Queue"}}
        stack = Deployment(self, "stuck", (["sqs:CreateQueue", "sqs:GetQueueAttributes"], "*"))
        self.assertEqual(stack.create(resources), "ROLLBACK_FAILED")
        self.assertIn("sqs:DeleteQueue", stack.reasons())

    def test_only_what_the_properties_need(self):
        stack = Deployment(self, "properties", (["logs:CreateLogGroup", "logs:DescribeLogGroups"], "*"))
        group = {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "properties-g"}}}
        self.assertEqual(stack.create(group), "CREATE_COMPLETE", stack.reasons())
        group["Group"]["Properties"]["RetentionInDays"] = 1
        self.assertEqual(stack.update(group), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("logs:PutRetentionPolicy on resource: arn:aws:logs:us-east-1:000000000000:log-group:properties-g:log-stream:",
                      stack.reasons())
        del group["Group"]["Properties"]["RetentionInDays"]
        tags = [{"Key": "team", "Value": "books"}]
        self.assertEqual(stack.update(group, Tags=tags), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("logs:TagResource", stack.reasons())

    def test_what_serves_a_website(self):
        edge = "arn:aws:cloudfront::000000000000"
        function = {"Type": "AWS::CloudFront::Function", "Properties": {
            "Name": "edge-f", "AutoPublish": True, "FunctionCode": "function handler(event) { return event.request; }",
            "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"}}}
        policy = {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"ResponseHeadersPolicyConfig": {
            "Name": "edge-h", "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}}}}}
        distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {
            "Enabled": True, "Origins": [{"Id": "o", "DomainName": "localhost", "CustomOriginConfig": {
                "OriginProtocolPolicy": "http-only"}}],
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}}}}
        resources = {"Function": function, "Headers": policy, "Distribution": distribution}
        stack, allowed = Deployment(self, "edge"), []
        while (status := stack.create(resources)) != "CREATE_COMPLETE":
            self.assertEqual(status, "ROLLBACK_COMPLETE")
            [(action, resource), *_] = re.findall(r"not authorized to perform: (\S+) on resource: (\S+) ", stack.reasons())
            self.assertNotIn((action, resource), allowed)
            allowed.append((action, resource))
            stack.delete()
            stack.allow(*allowed, ("cloudfront:Delete*", "*"))  # of what a failed creation leaves
        self.assertEqual(sorted(allowed), sorted((f"cloudfront:{action}", f"{edge}:{resource}") for action, resource in (
            ("CreateFunction", "function/edge-f"), ("DescribeFunction", "function/edge-f"), ("PublishFunction", "function/edge-f"),
            ("CreateResponseHeadersPolicy", "response-headers-policy/*"), ("GetResponseHeadersPolicy", "response-headers-policy/*"),
            ("CreateDistribution", "distribution/*"), ("GetDistribution", "distribution/*"))))
        stack.allow(*allowed)
        distribution["Properties"]["DistributionConfig"]["Comment"] = "new"
        self.assertEqual(stack.update(resources), "UPDATE_ROLLBACK_COMPLETE")
        self.assertRegex(stack.reasons(), rf"cloudfront:UpdateDistribution on resource: {edge}:distribution/E\w+ ")
        self.assertEqual(stack.remove(), "DELETE_FAILED")
        self.assertIn("cloudfront:DeleteDistribution", stack.reasons())

    def test_a_function_its_role_and_its_boundary(self):
        boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        bounded = {"ArnEquals": {"iam:PermissionsBoundary": boundary}}
        role = "arn:aws:iam::000000000000:role/bounded-role"
        function = "arn:aws:lambda:us-east-1:000000000000:function:bounded-f"
        statements = {
            "iam:CreateRole": ("iam:CreateRole", role, bounded), "iam:PutRolePolicy": ("iam:PutRolePolicy", role, bounded),
            "iam:AttachRolePolicy": ("iam:AttachRolePolicy", role, {**bounded, "StringEquals": {
                "iam:PolicyARN": "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"}}),
            "iam:GetRole": ("iam:GetRole", role), "lambda:CreateFunction": ("lambda:CreateFunction", function),
            "lambda:GetFunction": ("lambda:GetFunction", function), "lambda:TagResource": ("lambda:TagResource", function),
            "iam:PassRole": ("iam:PassRole", role, {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
            "lambda:PublishVersion": ("lambda:PublishVersion", function), "lambda:CreateAlias": ("lambda:CreateAlias", function),
            "lambda:GetAlias": ("lambda:GetAlias", function), "lambda:AddPermission": ("lambda:AddPermission", function + ":live"),
            "s3:GetObject": ("s3:GetObject", "arn:aws:s3:::bounded-code/code/*"),
            "": (["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "lambda:Delete*", "lambda:RemovePermission"], "*")}
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="bounded-code")
        s3.put_object(Bucket="bounded-code", Key="code/f.zip", Body=bootstrap_zip())
        read = {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
        resources = {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {
                "RoleName": "bounded-role", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": boundary,
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"],
                "Policies": [{"PolicyName": "p", "PolicyDocument": read}]}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {
                "FunctionName": "bounded-f", "Runtime": "provided.al2023", "Handler": "bootstrap", "Tags": [{"Key": "k", "Value": "v"}],
                "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Bucket": "bounded-code", "S3Key": "code/f.zip"}}},
            "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
            "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {
                "FunctionName": {"Ref": "Function"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}}},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {
                "FunctionName": {"Ref": "Alias"}, "Action": "lambda:InvokeFunction", "Principal": "sqs.amazonaws.com"}}}
        stack = Deployment(self, "bounded")
        for missing in statements:
            if not missing:
                continue
            with self.subTest(missing):
                stack.allow(*(statement for name, statement in statements.items() if name != missing))
                self.assertEqual(stack.create(resources), "ROLLBACK_COMPLETE", missing)
                self.assertIn(f"not authorized to perform: {missing} on resource: {statements[missing][1].replace('*', 'f.zip')} ",
                              stack.reasons())
                stack.remove()
        stack.allow(*statements.values())
        self.assertEqual(stack.create(resources), "CREATE_COMPLETE", stack.reasons())
        made = self.cloud.client("iam").get_role(RoleName="bounded-role")["Role"]
        self.assertEqual(made["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary)
        del resources["Role"]["Properties"]["PermissionsBoundary"]
        self.assertEqual(stack.update(resources), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("iam:DeleteRolePermissionsBoundary", stack.reasons())

    def test_an_event_source_is_for_a_function(self):
        """The right to make one has no resource, but its function as a condition."""
        self.cloud.client("sqs").create_queue(QueueName="feeding")
        function = self.cloud.client("lambda").create_function(
            FunctionName="fed", Runtime="provided.al2023", Handler="bootstrap", Code={"ZipFile": bootstrap_zip()},
            Role=self.cloud.role("fed", "lambda.amazonaws.com", ("sqs:*", "*")))["FunctionArn"]
        source = {"Source": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": function, "EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:feeding"}}}
        stack = Deployment(self, "feeds")
        for allowed, status in (("function:other", "ROLLBACK_COMPLETE"), ("function:fed*", "CREATE_COMPLETE")):
            stack.allow((["lambda:CreateEventSourceMapping", "lambda:GetEventSourceMapping"], "*", {
                "ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:{allowed}"}}))
            self.assertEqual(stack.create(source), status, stack.reasons())
            if status == "ROLLBACK_COMPLETE":
                self.assertIn(denied("feeds", "lambda:CreateEventSourceMapping", "*"), stack.reasons())
                stack.remove()

    def test_the_stacks_tags_reach_a_rule(self):
        rule = {"Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["tagged"]}}}}
        stack = Deployment(self, "tagged", (["events:PutRule", "events:DescribeRule"], "*"))
        self.assertEqual(stack.create(rule, Tags=[{"Key": "team", "Value": "books"}]), "ROLLBACK_COMPLETE")
        self.assertIn("events:TagResource on resource: arn:aws:events:us-east-1:000000000000:rule/tagged-Rule-", stack.reasons())

    def test_an_unlisted_type_needs_its_whole_service(self):
        stream = {"Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}}
        stack = Deployment(self, "unlisted", ("kinesis:Create*", "*"))
        self.assertEqual(stack.create(stream), "ROLLBACK_COMPLETE")
        self.assertIn("which rights AWS::Kinesis::Stream needs is not known here", stack.reasons())
        stack.remove()
        stack.allow(("kinesis:*", "*"))
        self.assertEqual(stack.create(stream), "CREATE_COMPLETE", stack.reasons())

    def test_a_boundary_limits_the_stacks_role_too(self):
        iam = self.cloud.client("iam")
        stack = Deployment(self, "limited", ("sqs:*", "*"))
        iam.put_role_permissions_boundary(RoleName="deploys-limited", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self.assertEqual(stack.create({"Queue": {"Type": "AWS::SQS::Queue"}}), "ROLLBACK_COMPLETE")
        self.assertIn("because no permissions boundary allows the sqs:CreateQueue action", stack.reasons())
        iam.delete_role_permissions_boundary(RoleName="deploys-limited")

    def test_the_role_must_trust_cloudformation(self):
        stack = Deployment(self, "untrusted", ("*", "*"))
        for role in (self.cloud.role("others", "lambda.amazonaws.com", ("*", "*")), "arn:aws:iam::000000000000:role/nobody"):
            stack.role = role
            with self.assertRaisesRegex(botocore.exceptions.ClientError, f"Role {role} is invalid or cannot be assumed"):
                stack.create({"Queue": {"Type": "AWS::SQS::Queue"}})

    def test_a_change_set_brings_its_role(self):
        handle = {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
        queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
        stack = Deployment(self, "set", (["sqs:GetQueueAttributes", "sqs:DeleteQueue"], "*"))
        stack.cfn.create_stack(StackName="set", TemplateBody=json.dumps({"Resources": handle}))
        self.cloud.settled("set")
        for status in ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE"):
            stack.cfn.create_change_set(StackName="set", ChangeSetName="c", RoleARN=stack.role,
                                        TemplateBody=json.dumps({"Resources": queue}))
            stack.cfn.execute_change_set(StackName="set", ChangeSetName="c")
            self.assertEqual(self.cloud.settled("set")["StackStatus"], status, stack.reasons())
            stack.cfn.delete_change_set(StackName="set", ChangeSetName="c")
            stack.allow((["sqs:GetQueueAttributes", "sqs:CreateQueue", "sqs:DeleteQueue"], "*"))
        self.assertEqual(self.cloud.settled("set")["RoleARN"], stack.role)
        [left] = stack.cfn.describe_stack_resources(StackName="set")["StackResources"]
        self.assertEqual(left["LogicalResourceId"], "Queue")
