import json
import unittest

from glue.openapi import imported
from glue.tests.cloud import bootstrap_zip, outputs, shared_cloud

JWT = {"issuer": "http://localhost/pool", "audience": ["client"]}


def template(bucket, key, paths=("GET /books",), cors=True):
    """As users write it: SAM's transform makes the OpenAPI Body."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {
                "Name": "shop",
                "Auth": {"Authorizers": {"Customers": {"IdentitySource": "$request.header.Authorization",
                                                       "JwtConfiguration": JWT}}},
                **({"CorsConfiguration": {"AllowOrigins": ["http://localhost:3000"], "AllowMethods": ["GET"],
                                          "AllowHeaders": ["content-type"]}} if cors else {})}},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {
                "CodeUri": f"s3://{bucket}/{key}", "Handler": "bootstrap", "Runtime": "provided.al2023",
                "AutoPublishAlias": "live",
                "Events": {f"E{index}": {"Type": "HttpApi", "Properties": {
                    "ApiId": {"Ref": "Api"},
                    **({} if "$default" in path else {"Method": path.split()[0], "Path": path.split()[1]}),
                    **({"Auth": {"Authorizer": "Customers", "AuthorizationScopes": ["orders"]}}
                       if "orders" in path else {})}} for index, path in enumerate(paths)}}}},
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}, "Id": {"Value": {"Ref": "Api"}}}}


class HttpApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        s3 = cls.cloud.client("s3")
        s3.create_bucket(Bucket="code")
        s3.put_object(Bucket="code", Key="f.zip", Body=bootstrap_zip())

    def deploy(self, *paths, **options):
        stack = self.cloud.deploy("shop", template("code", "f.zip", paths, **options))
        self.assertIn(stack["StackStatus"], ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.cloud.reasons("shop"))
        return outputs(stack)

    def routes(self, api):
        return {route["RouteKey"]: route for route in self.cloud.client("apigatewayv2").get_routes(ApiId=api)["Items"]}

    def test_create_and_update(self):
        made = self.deploy("GET /books", "GET /books/{id}", "POST /orders")
        url, api = made["Url"], made["Id"]
        self.assertEqual(url, f"http://localhost:{self.cloud.port}/_aws/execute-api/{api}")
        self.assertEqual(self.cloud.client("apigatewayv2").get_api(ApiId=api)["ApiEndpoint"], url)

        status, _, body = self.cloud.get(f"{url}/books?limit=2&cursor=a%2Fb")
        event = json.loads(body)
        self.assertEqual((status, event["rawPath"], event["rawQueryString"], event["requestContext"]["stage"], event["version"]),
                         (200, "/books", "limit=2&cursor=a%2Fb", "$default", "2.0"))
        self.assertEqual(json.loads(self.cloud.get(f"{url}/books/b1")[2])["pathParameters"], {"id": "b1"})
        self.assertEqual(self.cloud.get(f"{url}/nothing")[0], 404)
        self.assertEqual(self.cloud.get(url)[0], 404)

        status, headers, _ = self.cloud.get(f"{url}/books", "OPTIONS", {
            "Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"})
        self.assertEqual((status, headers["access-control-allow-origin"]), (204, "http://localhost:3000"))
        self.assertEqual(self.cloud.get(f"{url}/books", headers={"Origin": "http://localhost:3000"})[1][
            "access-control-allow-origin"], "http://localhost:3000")

        self.assertEqual(self.cloud.get(f"{url}/orders", "POST")[0], 401)
        order = self.routes(api)["POST /orders"]
        self.assertEqual((order["AuthorizationType"], order["AuthorizationScopes"]), ("JWT", ["orders"]))
        authorizers = self.cloud.client("apigatewayv2").get_authorizers(ApiId=api)["Items"]
        self.assertEqual([(one["Name"], one["AuthorizerId"], one["JwtConfiguration"]["Issuer"]) for one in authorizers],
                         [("Customers", order["AuthorizerId"], JWT["issuer"])])

        before = self.routes(api)
        made = self.deploy("GET /books", "DELETE /books/{id}", "ANY $default", cors=False)
        after = self.routes(api)
        self.assertEqual(made["Id"], api)
        self.assertEqual(set(after), {"GET /books", "DELETE /books/{id}", "$default"})
        self.assertEqual(after["GET /books"], before["GET /books"])
        self.assertEqual(self.cloud.get(f"{url}/nothing", "PUT")[0], 200)  # the $default route's
        self.assertEqual(len(self.cloud.client("apigatewayv2").get_integrations(ApiId=api)["Items"]), len(after))
        self.assertNotIn("access-control-allow-origin", self.cloud.get(f"{url}/books", headers={"Origin": "http://localhost:3000"})[1])

    def test_options_follow_the_routes(self):
        """A preflight is answered by the API only where no route takes it."""
        preflight = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}
        url = self.deploy("GET /books", "OPTIONS /asked")["Url"]
        self.assertEqual(self.cloud.get(f"{url}/books", "OPTIONS", preflight)[0], 204)
        status, _, body = self.cloud.get(f"{url}/asked", "OPTIONS", preflight)
        self.assertEqual((status, json.loads(body)["routeKey"]), (200, "OPTIONS /asked"))
        url = self.deploy("GET /books", "ANY $default")["Url"]
        status, headers, body = self.cloud.get(f"{url}/books", "OPTIONS", preflight)
        event = json.loads(body)
        self.assertEqual((status, event["routeKey"], event["requestContext"]["http"]["method"]), (200, "$default", "OPTIONS"))
        self.assertEqual((headers["access-control-allow-origin"], headers["access-control-allow-methods"],
                          headers["access-control-allow-headers"]), ("http://localhost:3000", "GET", "content-type"))
        _, headers, _ = self.cloud.get(f"{url}/books", "OPTIONS", {**preflight, "Origin": "http://localhost:1"})
        self.assertNotIn("access-control-allow-origin", headers)


class Definitions(unittest.TestCase):
    INTEGRATION = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "arn:f", "payloadFormatVersion": "2.0"}}

    def body(self, **more):
        return {"openapi": "3.0.1", "paths": {"/$default": {"x-amazon-apigateway-any-method": self.INTEGRATION},
                                              "/b": {"parameters": [], "get": self.INTEGRATION}}, **more}

    def test_route_keys(self):
        self.assertEqual(set(imported(self.body()).routes), {"$default", "GET /b"})

    def test_a_route_without_the_default_authorizer(self):
        body = {"openapi": "3.0.1", "paths": {"/b": {"get": {**self.INTEGRATION, "security": [{"NONE": []}]}}}}
        self.assertEqual(imported(body).routes["GET /b"][0]["authorizationType"], "NONE")

    def test_what_is_not_supported_is_named(self):
        for body, message in (
            (self.body(openapi="3.1.0"), "OpenAPI 3.0"),
            ({"openapi": "3.0.1", "paths": {"/b": {"get": {}}}}, "GET /b has no x-amazon-apigateway-integration"),
            (self.body(security=[{"Key": []}]), "Security scheme Key"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                imported(body)
