"""What the book store relies on and MiniStack does: a newer version of it should do so too."""

import base64
import json
import time
import unittest

import botocore.exceptions
from glue.tests.cloud import outputs, shared_cloud, wait_for
from glue.tests.scripted import ScriptedFunction, zipped
from glue.tests.test_stream_sources import KEYS

PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://localhost:5173"}
# The function answers what the request asks it to, or the event.
ECHO = """die("no") if "x-die" in event["headers"] else __import__("json").loads(event["headers"].get("x-answer", "null")) or event"""


def http(method, path, authorizer):
    return {"Type": "HttpApi", "Properties": {
        "ApiId": {"Ref": "Api"}, "Method": method, "Path": path, "Auth": {"Authorizer": authorizer}}}


def shop(folder):
    issuer = {"Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}"}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {
                "UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False},
                "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireUppercase": False, "RequireNumbers": False,
                                               "RequireSymbols": False, "RequireLowercase": True}}}},
            "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                "AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}}},
            "Admins": {"Type": "AWS::Cognito::UserPoolGroup", "Properties": {"UserPoolId": {"Ref": "Pool"}, "GroupName": "admins"}},
            "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {
                "Auth": {"DefaultAuthorizer": "Users", "Authorizers": {"Users": {
                    "IdentitySource": "$request.header.Authorization",
                    "JwtConfiguration": {"issuer": issuer, "audience": [{"Ref": "Client"}]}}}},
                "CorsConfiguration": {
                    "AllowOrigins": list(ORIGIN.values()), "AllowMethods": ["GET", "PUT", "PATCH", "DELETE"],
                    "AllowHeaders": ["authorization", "if-match", "idempotency-key"], "ExposeHeaders": ["etag"]}}},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {
                "CodeUri": "s3://shop-code/f.zip", "Handler": "bootstrap", "Runtime": "provided.al2023",
                "Environment": {"Variables": {"FOLDER": str(folder)}},
                "Events": {"A": http("GET", "/books", "NONE"), "B": http("PUT", "/books/{id}", "Users")}}}},
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}},
                    **{name: {"Value": {"Ref": name}} for name in ("Pool", "Client")}}}


class Shop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.cloud.client("s3").create_bucket(Bucket="shop-code")
        cls.cloud.client("s3").put_object(Bucket="shop-code", Key="f.zip", Body=zipped())
        cls.script = ScriptedFunction(cls.cloud, "shop-script", ECHO)
        made = cls.cloud.deploy("users", shop(cls.script.folder))
        assert made["StackStatus"] == "CREATE_COMPLETE", cls.cloud.reasons("users")
        cls.made = outputs(made)
        cls.users = cls.cloud.client("cognito-idp")
        cls.people = {"UserPoolId": cls.made["Pool"], "Username": "ann@example.com"}
        cls.users.admin_create_user(**cls.people, MessageAction="SUPPRESS", UserAttributes=[
            {"Name": "email", "Value": "ann@example.com"}, {"Name": "email_verified", "Value": "true"}])
        cls.users.admin_set_user_password(**cls.people, Password=PASSWORD, Permanent=True)
        cls.users.admin_add_user_to_group(**cls.people, GroupName="admins")
        cls.token = cls.sign_in("ann@example.com")

    @classmethod
    def sign_in(cls, name, password=PASSWORD):
        return cls.users.initiate_auth(ClientId=cls.made["Client"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
            "USERNAME": name, "PASSWORD": password})["AuthenticationResult"]["AccessToken"]

    def put(self, token):
        return self.cloud.get(self.made["Url"] + "/books/b", "PUT", {
            **ORIGIN, "If-Match": '"1"', "Idempotency-Key": "k", "If-None-Match": '"2"', **({"Authorization": f"Bearer {token}"} if token else {})})

    def test_signing_in(self):
        self.assertTrue(self.sign_in("Ann@Example.com"))
        for call, error in ((lambda: self.sign_in("ann@example.com", "wrong"), "NotAuthorizedException"),
                            (lambda: self.users.admin_set_user_password(**self.people, Password="short"), "InvalidPasswordException"),
                            (lambda: self.users.admin_create_user(UserPoolId=self.made["Pool"], Username="ann"), "InvalidParameterException"),
                            (lambda: self.users.admin_create_user(UserPoolId=self.made["Pool"], Username="ANN@example.com"),
                             "UsernameExistsException")):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                call()
            self.assertEqual(raised.exception.response["Error"]["Code"], error)

    def test_tokens(self):
        status, headers, body = self.put(self.token)
        event = json.loads(body)
        self.assertEqual(status, 200)
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        self.assertEqual((claims["cognito:groups"], claims["token_use"]), ("[admins]", "access"))
        self.assertEqual([event["headers"][name] for name in ("if-match", "idempotency-key", "if-none-match")], ['"1"', "k", '"2"'])
        head, payload, signature = self.token.split(".")

        def encode(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        for token in (None, "", "x.y.z", f"{head}.{encode({**claims, 'sub': 'other'})}.{signature}",
                      f"{encode({'alg': 'none'})}.{payload}.", f"{head}.{payload}.{signature[:-8]}AAAAAAAA"):
            status, _, body = self.put(token)
            self.assertEqual((status, json.loads(body)), (401, {"message": "Unauthorized"}), token)

    def test_an_expired_token(self):
        client = self.users.create_user_pool_client(
            UserPoolId=self.made["Pool"], ClientName="brief", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            AccessTokenValidity=300, TokenValidityUnits={"AccessToken": "seconds"})["UserPoolClient"]["ClientId"]
        gateway, api = self.cloud.client("apigatewayv2"), self.made["Url"].rsplit("/", 1)[-1]
        [authorizer] = gateway.get_authorizers(ApiId=api)["Items"]
        audience = authorizer["JwtConfiguration"]["Audience"]
        gateway.update_authorizer(ApiId=api, AuthorizerId=authorizer["AuthorizerId"], JwtConfiguration={
            **authorizer["JwtConfiguration"], "Audience": [*audience, client]})
        self.users.update_user_pool_client(
            UserPoolId=self.made["Pool"], ClientId=client, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            AccessTokenValidity=2, TokenValidityUnits={"AccessToken": "seconds"})
        token = self.users.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
            "USERNAME": "ann@example.com", "PASSWORD": PASSWORD})["AuthenticationResult"]["AccessToken"]
        self.assertEqual(self.put(token)[0], 200)
        time.sleep(2.5)
        self.assertEqual(self.put(token)[0], 401)

    def test_answers(self):
        url = self.made["Url"] + "/books"
        for answer in ({"statusCode": 304, "headers": {"etag": '"1"', "cache-control": "no-cache"}}, {"statusCode": 204},
                       {"statusCode": 503, "headers": {"retry-after": "3", "allow": "GET", "location": "/x"}, "body": "b"}):
            status, headers, body = self.cloud.get(url, headers={**ORIGIN, "x-answer": json.dumps(answer)})
            self.assertEqual((status, body.decode()), (answer["statusCode"], answer.get("body", "")))
            self.assertEqual({name: headers[name] for name in answer.get("headers", {})}, answer.get("headers", {}))
            self.assertEqual((headers["access-control-allow-origin"], headers["access-control-expose-headers"]), (ORIGIN["Origin"], "etag"))

    def test_a_function_that_fails(self):
        status, _, body = self.cloud.get(self.made["Url"] + "/books", headers={"x-die": "1"})
        self.assertEqual((status, json.loads(body)), (500, {"message": "Internal Server Error"}))

    def test_preflight(self):
        for method, name in (("PUT", "if-match"), ("PATCH", "if-match"), ("DELETE", "authorization"), ("PUT", "idempotency-key")):
            status, headers, _ = self.cloud.get(self.made["Url"] + "/books/b", "OPTIONS", {
                **ORIGIN, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": name})
            self.assertEqual((status, headers["access-control-allow-origin"]), (204, ORIGIN["Origin"]))
            self.assertIn(method, headers["access-control-allow-methods"].split(","))
            self.assertIn(name, headers["access-control-allow-headers"].split(","))


class Storage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()

    def test_a_presigned_upload_is_what_was_signed(self):
        s3 = self.cloud.client("s3", signature_version="s3v4")
        s3.create_bucket(Bucket="presigned")
        url = s3.generate_presigned_url("put_object", ExpiresIn=60, Params={
            "Bucket": "presigned", "Key": "k", "ContentType": "image/png", "ContentLength": 5})
        self.assertIn("/presigned/k?", url)
        for kind, body, status in (("image/png", b"1234", 403), ("image/png", b"123456", 403), ("image/jpeg", b"12345", 403),
                                   ("image/png", b"12345", 200)):
            self.assertEqual(self.cloud.get(url, "PUT", {"content-type": kind}, body)[0], status, (kind, body))

    def test_public_covers(self):
        made = self.cloud.deploy("covers", {"Resources": {
            "Covers": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Covers"}, "PolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${Covers.Arn}/covers/*"}}]}}}},
            "Outputs": {"Covers": {"Value": {"Ref": "Covers"}}}})
        bucket = outputs(made)["Covers"]
        s3 = self.cloud.client("s3")
        for key in ("covers/a.webp", "other"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"image", ContentType="image/webp", CacheControl="public, max-age=31536000, immutable")
        status, headers, body = self.cloud.get(f"/{bucket}/covers/a.webp")
        self.assertEqual((status, body, headers["cache-control"], headers["content-type"]),
                         (200, b"image", "public, max-age=31536000, immutable", "image/webp"))
        self.assertEqual([self.cloud.get(f"/{bucket}/{path}")[0] for path in ("other", "")], [403, 403])
        self.assertEqual(self.cloud.get(f"/{bucket}/covers/b", "PUT", body=b"x")[0], 403)

    def test_a_queue_keeps_what_was_reported(self):
        function = ScriptedFunction(self.cloud, "queue-reader", (
            '{"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]}'))
        made = self.cloud.deploy("reported", {"Resources": {
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 1, "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2}}},
            "Source": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "FunctionName": function.name, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionResponseTypes": ["ReportBatchItemFailures"]}}},
            "Outputs": {name: {"Value": {"Ref": name}} for name in ("Queue", "Dead")}})
        queues, sqs = outputs(made), self.cloud.client("sqs")
        for body in ("good", "bad"):
            sqs.send_message(QueueUrl=queues["Queue"], MessageBody=body)
        dead = []
        wait_for(lambda: dead.extend(sqs.receive_message(QueueUrl=queues["Dead"]).get("Messages", [])) or dead, "the dead letter", self.cloud.log)
        self.assertEqual([message["Body"] for message in dead], ["bad"])
        bodies = [record["body"] for event in function.events for record in event["Records"]]
        self.assertEqual(sorted(bodies), ["bad", "bad", "good"])

    def test_a_cancelled_transaction_shows_the_item(self):
        tables = self.cloud.client("dynamodb")
        tables.create_table(TableName="cancelled", BillingMode="PAY_PER_REQUEST", **KEYS)
        item = {"PK": {"S": "a"}, "stock": {"N": "1"}}
        tables.put_item(TableName="cancelled", Item=item)
        with self.assertRaises(tables.exceptions.TransactionCanceledException) as raised:
            tables.transact_write_items(TransactItems=[
                {"Put": {"TableName": "cancelled", "Item": {"PK": {"S": "b"}}}},
                {"Update": {"TableName": "cancelled", "Key": {"PK": {"S": "a"}}, "UpdateExpression": "SET stock = stock - :two",
                            "ConditionExpression": "stock >= :two", "ExpressionAttributeValues": {":two": {"N": "2"}},
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])
        reasons = raised.exception.response["CancellationReasons"]
        self.assertEqual([reason["Code"] for reason in reasons], ["None", "ConditionalCheckFailed"])
        self.assertEqual(reasons[1]["Item"], item)
        self.assertNotIn("Item", tables.get_item(TableName="cancelled", Key={"PK": {"S": "b"}}))
