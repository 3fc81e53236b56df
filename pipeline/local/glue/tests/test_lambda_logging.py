import json
import unittest

from glue.tests.cloud import bootstrap_zip, shared_cloud

VARIABLES = ["AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"]


class LambdaLogging(unittest.TestCase):
    def told(self, name, **settings):
        cloud = shared_cloud()
        functions = cloud.client("lambda")
        functions.create_function(FunctionName=name, Runtime="provided.al2023", Handler="bootstrap",
                                  Role=cloud.role(name, "lambda.amazonaws.com", ("logs:*", "*")),
                                  Code={"ZipFile": bootstrap_zip()}, **settings)
        answer = functions.invoke(FunctionName=name, Payload=json.dumps({"variables": VARIABLES}))
        variables = json.loads(json.loads(answer["Payload"].read())["body"])
        return [variables[name] for name in VARIABLES]

    def test_a_function_is_told_how_to_log(self):
        told = self.told("logs-json", LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN"})
        self.assertEqual(told, ["JSON", "WARN"])

    def test_text_is_the_default(self):
        self.assertEqual(self.told("logs-text"), ["Text", None])
