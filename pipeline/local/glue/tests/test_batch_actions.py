import unittest

from botocore.exceptions import ClientError

from glue.tests.cloud import shared_cloud


class BatchActions(unittest.TestCase):
    def test_who_may_send_one_message_may_send_several(self):
        cloud = shared_cloud()
        queue = cloud.client("sqs").create_queue(QueueName="batches")["QueueUrl"]
        topic = cloud.client("sns").create_topic(Name="batches")["TopicArn"]
        role = cloud.role("sender", "lambda.amazonaws.com",
                          ("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:batches"), ("sns:Publish", topic))
        session = cloud.session(role)
        sqs, sns = cloud.client("sqs", **session), cloud.client("sns", **session)

        sent = sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "0", "MessageBody": "a"}])
        self.assertEqual([one["Id"] for one in sent["Successful"]], ["0"])
        published = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "0", "Message": "a"}])
        self.assertEqual([one["Id"] for one in published["Successful"]], ["0"])
        with self.assertRaisesRegex(ClientError, "sqs:DeleteMessage because"):
            sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": "0", "ReceiptHandle": "a"}])
