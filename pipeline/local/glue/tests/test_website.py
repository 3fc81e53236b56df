import unittest

from glue.tests.cloud import outputs, shared_cloud

NAME = "glue-website"
SITE = {"IndexDocument": "index.html", "ErrorDocument": "error.html"}


def template(website, listed=True):
    bucket = f"arn:aws:s3:::{NAME}"
    return {
        "Resources": {
            "Site": {"Type": "AWS::S3::Bucket", "Properties": {
                "BucketName": NAME,
                "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False},
                **({"WebsiteConfiguration": website} if website else {})}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Site"}, "PolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{bucket}/*"},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{bucket}/secret.html"},
                *([{"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": bucket}] if listed else [])]}}}},
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Site", "WebsiteURL"]}}}}


class Website(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.site(SITE)
        for key, text, more in (
                ("index.html", "home", {"CacheControl": "no-cache"}), ("error.html", "sorry", {}),
                ("docs/index.html", "docs", {}), ("secret.html", "secret", {}),
                ("assets/a b.js", "export {}", {"ContentType": "text/javascript", "CacheControl": "public, immutable"}),
                ("old.html", "", {"WebsiteRedirectLocation": "/docs/"})):
            cls.cloud.client("s3").put_object(Bucket=NAME, Key=key, Body=text, **{"ContentType": "text/html", **more})

    @classmethod
    def site(cls, website, **options):
        stack = cls.cloud.deploy("glue-website", template(website, **options))
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), cls.cloud.reasons("glue-website")
        cls.url = outputs(stack)["Url"]

    def change_site(self, website, **options):
        self.site(website, **options)
        self.changed = True

    def tearDown(self):
        if self.changed:
            self.site(SITE)

    def setUp(self):
        self.changed = False

    def get(self, path, method="GET", **headers):
        return self.cloud.browse(self.url + path, method, headers)

    def test_folders_have_index_documents(self):
        self.assertEqual(self.url, f"http://{NAME}.s3-website-us-east-1.localhost:{self.cloud.port}")
        for path, page in (("", b"home"), ("/", b"home"), ("/docs/", b"docs"), ("/?list-type=2", b"home"), ("/docs/index.html", b"docs")):
            self.assertEqual(self.get(path)[::2], (200, page), path)
        status, headers, _ = self.get("/docs")
        self.assertEqual((status, headers["location"]), (302, "/docs/"))
        status, headers, _ = self.get("/old.html")
        self.assertEqual((status, headers["location"]), (301, "/docs/"))

    def test_objects_keep_their_headers(self):
        status, headers, body = self.get("/assets/a%20b.js")
        self.assertEqual((status, headers["content-type"], headers["cache-control"], body),
                         (200, "text/javascript", "public, immutable", b"export {}"))
        self.assertEqual(self.get("/assets/a%20b.js", **{"If-None-Match": headers["etag"]})[::2], (304, b""))
        self.assertEqual(self.get("/", "HEAD")[::2], (200, b""))
        self.assertNotIn("content-security-policy", headers)

    def test_an_error_has_the_error_document_and_its_own_status(self):
        for path, status in (("/nothing", 404), ("/nothing/", 404), ("/secret.html", 403)):
            for method, page in (("GET", b"sorry"), ("HEAD", b"")):
                found, headers, body = self.get(path, method)
                self.assertEqual((found, headers["content-type"], body), (status, "text/html", page), path)

    def test_who_may_not_list_the_bucket_does_not_learn_what_is_missing(self):
        self.change_site(SITE, listed=False)
        self.assertEqual(self.get("/nothing")[::2], (403, b"sorry"))
        self.assertEqual(self.get("/docs/")[0], 200)

    def test_without_an_error_document_there_is_a_page(self):
        for document in ({}, {"ErrorDocument": "secret.html"}):
            self.change_site({"IndexDocument": "index.html", **document})
            for path, status, text in (("/nothing", 404, b"NoSuchKey"), ("/secret.html", 403, b"AccessDenied")):
                found, headers, body = self.get(path)
                self.assertEqual((found, headers["content-type"]), (status, "text/html; charset=utf-8"))
                self.assertIn(text, body)
                self.assertEqual(self.get(path, "HEAD")[::2], (status, b""))

    def test_only_reading_and_only_for_sites(self):
        for method in ("PUT", "POST", "DELETE"):
            self.assertEqual(self.get("/new.html", method)[0], 405)
        # Who has the root's rights elsewhere is anybody here.
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}
        self.assertEqual(self.get("/secret.html", **signed)[0], 403)
        self.change_site(None)
        status, _, body = self.get("/")
        self.assertEqual((status, b"NoSuchWebsiteConfiguration" in body), (404, True))
        self.change_site({"RedirectAllRequestsTo": {"HostName": "example.com"}})
        status, _, body = self.get("/")
        self.assertEqual((status, b"RedirectAllRequestsTo" in body), (501, True))
        self.assertEqual(self.cloud.browse(self.url.replace(NAME, "no-such-bucket"))[0], 404)


if __name__ == "__main__":
    unittest.main()
