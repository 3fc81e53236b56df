import json
import unittest

from glue.tests.cloud import shared_cloud


class SecureTransport(unittest.TestCase):
    def test_a_tls_only_bucket_is_open_to_its_roles(self):
        cloud = shared_cloud()
        cloud.client("s3").create_bucket(Bucket="artifacts")
        cloud.client("s3").put_bucket_policy(Bucket="artifacts", Policy=json.dumps({"Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
             "Resource": ["arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/*"]}]}))
        role = cloud.role("build", "codebuild.amazonaws.com", ("s3:PutObject", "arn:aws:s3:::artifacts/*"))
        s3 = cloud.client("s3", **cloud.session(role))
        s3.put_object(Bucket="artifacts", Key="k", Body=b"v")
        with self.assertRaisesRegex(Exception, "not authorized to perform: s3:GetObject"):
            s3.get_object(Bucket="artifacts", Key="k")
