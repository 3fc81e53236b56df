import json
import time
import unittest

from glue.embedded_metrics import metrics
from glue.tests.cloud import shared_cloud, wait_for
from glue.tests.measured import statistics
from glue.tests.scripted import ScriptedFunction


def line(values, dimensions=(("Environment",),), **more):
    return json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
            "Namespace": "Embedded", "Dimensions": dimensions, "Metrics": [{"Name": name, "Unit": "Count"} for name in values]}]},
        **values, **more})


class EmbeddedMetrics(unittest.TestCase):
    def test_logged_lines_become_metrics(self):
        cloud = shared_cloud()
        function = ScriptedFunction(cloud, "embedded", "[print(line, flush=True) for line in event]")
        lines = ["plain", line({"Orders": 2}, Environment="test"), '{"_aws": {}}', line({"Orders": [1, 3]}, Environment="test"),
                 line({"Orders": 5}, Environment="other")]
        cloud.client("lambda").invoke(FunctionName=function.name, Payload=json.dumps(lines))
        wait_for(lambda: statistics(cloud, "Embedded", "Orders", Environment="other") == 5, "the metric", cloud.log)
        found = [statistics(cloud, "Embedded", "Orders", name, Environment="test") for name in ("Sum", "SampleCount", "Maximum")]
        self.assertEqual(found, [6, 3, 3])


class Lines(unittest.TestCase):
    def test_each_set_of_dimensions_counts(self):
        [(namespace, dimensions, values, at)] = metrics(line({"A": 1.5, "B": 2}, [["X"], ["X", "Y"], []], X="x", Y=1))
        self.assertEqual((namespace, dimensions), ("Embedded", [(("X", "x"),), (("X", "x"), ("Y", "1")), ()]))
        self.assertEqual(values, [("A", "Count", 1.5), ("B", "Count", 2)])
        self.assertAlmostEqual(at, time.time(), delta=5)

    def test_what_keeps_not_to_the_specification_makes_none(self):
        for bad in ('"_aws"', '{"_aws": 1}', '{"_aws": {"Timestamp": 1}}', "{", line({"A": "much"}, Environment="x"),
                    line({"A": 1}), line({"A": {}}, Environment="x")):
            self.assertEqual(metrics(bad), [], bad)
