import gzip
import json
import time
import unittest

from glue.tests.cloud import Cloud, bootstrap_zip, outputs, shared_cloud

NAME = "glue-distribution"
OPTIMIZED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SAVED = 5  # seconds after which a change survives
CSP = "default-src 'none'"


def function(name, code):
    return {"Type": "AWS::CloudFront::Function", "Properties": {
        "Name": {"Fn::Sub": f"${{AWS::StackName}}-{name}"}, "AutoPublish": True, "FunctionCode": code,
        "FunctionConfig": {"Comment": name, "Runtime": "cloudfront-js-2.0"}}}


def behavior(origin, cache, name, **more):
    return {
        "TargetOriginId": origin, "CachePolicyId": cache, "ViewerProtocolPolicy": "redirect-to-https", "Compress": True,
        "ResponseHeadersPolicyId": {"Ref": "Headers"}, "FunctionAssociations": [
            {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": [name, "FunctionARN"]}}], **more}


def template(csp=CSP, listed=True):
    bucket = f"arn:aws:s3:::{NAME}"
    return {
        "Parameters": {"ApiHost": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{NAME}/api"}},
        "Resources": {
            "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": NAME}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Files"}, "PolicyDocument": {"Statement": [{
                "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": ["s3:GetObject", *(["s3:ListBucket"] if listed else [])], "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"StringEquals": {"aws:SourceArn": {"Fn::Sub":
                    "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Distribution}"}}}}]}}},
            "Access": {"Type": "AWS::CloudFront::OriginAccessControl", "Properties": {"OriginAccessControlConfig": {
                "Name": NAME, "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}}},
            "Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"ResponseHeadersPolicyConfig": {
                "Name": NAME, "SecurityHeadersConfig": {
                    "ContentSecurityPolicy": {"ContentSecurityPolicy": csp, "Override": True},
                    "ContentTypeOptions": {"Override": True}}}}},
            "Pages": function("pages", "function handler(event) { const request = event.request;"
                                       " if (!request.uri.includes('.')) request.uri = '/index.html'; return request; }"),
            "Strip": function("strip", "function handler(event) { const request = event.request;"
                                       " request.uri = request.uri.replace(/^\\/api/, '') || '/'; return request; }"),
            "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {
                "Enabled": True, "DefaultRootObject": "index.html",
                "Origins": [
                    {"Id": "files", "DomainName": {"Fn::GetAtt": ["Files", "RegionalDomainName"]},
                     "OriginAccessControlId": {"Fn::GetAtt": ["Access", "Id"]}, "S3OriginConfig": {"OriginAccessIdentity": ""}},
                    {"Id": "api", "DomainName": {"Ref": "ApiHost"}, "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}],
                "DefaultCacheBehavior": behavior("files", OPTIMIZED, "Pages"),
                "CacheBehaviors": [
                    behavior("api", DISABLED, "Strip", PathPattern="/api/*", OriginRequestPolicyId=ALL_BUT_HOST,
                             AllowedMethods=["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]),
                    behavior("files", OPTIMIZED, "Strip", PathPattern="/ap*")]}}}},
        "Outputs": {"Url": {"Value": {"Fn::Sub": "https://${Distribution.DomainName}"}},
                    "Domain": {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}}}}


API = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Api": {"Type": "AWS::Serverless::HttpApi"},
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {
            "CodeUri": f"s3://{NAME}-code/f.zip", "Handler": "bootstrap", "Runtime": "provided.al2023",
            "Events": {"Any": {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "ANY", "Path": "/books/{id}"}}}}},
        "Host": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Name": f"/{NAME}/api", "Type": "String", "Value": {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}}}}}


class Distributions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        s3 = cls.cloud.client("s3")
        s3.create_bucket(Bucket=f"{NAME}-code")
        s3.put_object(Bucket=f"{NAME}-code", Key="f.zip", Body=bootstrap_zip())
        for name, stack in ((f"{NAME}-api", API), (NAME, template())):
            made = cls.cloud.deploy(name, stack)
            assert made["StackStatus"] == "CREATE_COMPLETE", cls.cloud.reasons(name)
        cls.outputs = outputs(made)
        for key, text, kind in (("index.html", "<p>home", "text/html"), ("long.js", "a" * 2000, "text/javascript; charset=utf-8"),
                                ("short.js", "a" * 999, "text/javascript"), ("long.webp", "a" * 2000, "image/webp")):
            s3.put_object(Bucket=NAME, Key=key, Body=text, ContentType=kind, CacheControl="no-cache")

    def get(self, path, method="GET", body=None, **headers):
        return self.cloud.browse(self.outputs["Url"] + path, method, headers, body)

    def test_browsers_reach_it_without_tls(self):
        self.assertRegex(self.outputs["Domain"], rf"^d[a-z0-9]{{13}}\.cloudfront\.localhost:{self.cloud.port}$")
        self.assertEqual(self.outputs["Url"], f"http://{self.outputs['Domain']}")
        for path in ("", "/", "/books/b1", "/index.html"):
            self.assertEqual(self.get(path)[::2], (200, b"<p>home"), path)
        status, headers, _ = self.get("/")
        self.assertEqual((headers["content-security-policy"], headers["x-content-type-options"], headers["cache-control"]),
                         (CSP, "nosniff", "no-cache"))
        self.assertEqual(self.get("/nothing.js")[0], 404)
        self.assertEqual(self.get("/", "POST")[0], 403)
        self.assertEqual(self.cloud.get(f"/{NAME}/index.html")[0], 403, "the bucket itself is private")

    def test_an_update_keeps_where_it_is(self):
        made = self.cloud.deploy(NAME, template("default-src 'self'", listed=False))
        self.addCleanup(self.cloud.deploy, NAME, template())
        self.assertEqual(outputs(made), self.outputs)
        self.assertEqual(self.get("/")[1]["content-security-policy"], "default-src 'self'")
        self.assertEqual(self.get("/nothing.js")[0], 403, "who may not list the bucket does not learn what is missing")

    def test_an_api_is_on_the_same_origin(self):
        status, headers, body = self.get("/api/books/b1?x=1&x=2&y=%20", "POST", b'{"a": 1}', **{
            "Authorization": "Bearer t", "Content-Type": "application/json", "Idempotency-Key": "k"})
        event = json.loads(body)
        self.assertEqual((status, event["rawPath"], event["rawQueryString"], event["body"]),
                         (200, "/books/b1", "x=1&x=2&y=%20", '{"a": 1}'))
        self.assertEqual([event["headers"][name] for name in ("authorization", "idempotency-key")], ["Bearer t", "k"])
        self.assertEqual(headers["content-security-policy"], CSP)
        self.assertNotIn("content-encoding", headers)
        self.assertEqual(self.get("/api/nothing")[0], 404)

    def test_text_is_compressed_for_whom_takes_it(self):
        plain = self.get("/long.js")
        self.assertEqual((plain[1]["content-encoding"], plain[2]), (None, b"a" * 2000))
        for accepted, compressed in (("gzip, deflate, br", True), ("br;q=1.0, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False)):
            _, headers, body = self.get("/long.js", **{"Accept-Encoding": accepted})
            self.assertEqual(headers["content-encoding"] == "gzip", compressed, accepted)
            self.assertEqual(gzip.decompress(body) if compressed else body, b"a" * 2000)
            self.assertEqual(headers["vary"], "Accept-Encoding")
            self.assertEqual(int(headers["content-length"]), len(body))
            self.assertEqual(headers["etag"], f"W/{plain[1]['etag']}" if compressed else plain[1]["etag"])
        for path in ("/short.js", "/long.webp"):
            self.assertIsNone(self.get(path, **{"Accept-Encoding": "gzip"})[1]["content-encoding"], path)

    def test_what_a_browser_has_is_not_sent_again(self):
        for accepted in ("gzip", "identity"):
            tag = self.get("/long.js", **{"Accept-Encoding": accepted})[1]["etag"]
            self.assertEqual(self.get("/long.js", **{"Accept-Encoding": accepted, "If-None-Match": tag})[::2], (304, b""))
        self.assertEqual(self.get("/long.js", **{"If-None-Match": '"other"'})[0], 200)


class Restarted(unittest.TestCase):
    def test_a_site_is_there_after_kill_9(self):
        cloud = Cloud()
        self.addCleanup(cloud.close)
        cloud.client("ssm").put_parameter(Name=f"/{NAME}/api", Value="none.execute-api.us-east-1.amazonaws.com", Type="String")
        made = cloud.deploy(NAME, template())
        self.assertEqual(made["StackStatus"], "CREATE_COMPLETE", cloud.reasons(NAME))
        cloud.client("s3").put_object(Bucket=NAME, Key="index.html", Body="<p>home", ContentType="text/html")
        time.sleep(SAVED)
        cloud.kill()
        cloud.start()
        # By its function, its headers and the policy of its bucket.
        status, headers, body = cloud.browse(outputs(made)["Url"] + "/books/b1")
        self.assertEqual((status, headers["content-security-policy"], body), (200, CSP, b"<p>home"))


if __name__ == "__main__":
    unittest.main()
