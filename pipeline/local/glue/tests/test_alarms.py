import json
import time
import unittest

from glue import alarms, metric_math
from glue.tests.cloud import outputs, shared_cloud, wait_for
from glue.tests.scripted import ScriptedFunction
from ministack.services import cloudwatch


def alarm(name, **properties):
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {
        "AlarmName": name, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [{"Ref": "Topic"}], **properties}}


def metric(name, statistic="Sum", period=60, **dimensions):
    key = "ExtendedStatistic" if statistic.startswith("p") else "Statistic"
    return {"Namespace": "Shop", "MetricName": name, key: statistic, "Period": period,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()]}


def query(name, metric_name):
    return {"Id": name, "ReturnData": False, "MetricStat": {"Period": "60", "Stat": "Sum", "Metric": {
        "Namespace": "Shop", "MetricName": metric_name, "Dimensions": [{"Name": "ApiId", "Value": "a"}]}}}


RATE = [{"Id": "rate", "Expression": "100 * errors / requests"}, query("errors", "5xx"), query("requests", "Count")]
TEMPLATE = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {"Type": "AWS::SQS::Queue"},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]}}},
        "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}},
        "Dimensions": alarm("dimensions", **metric("Errors", Function="x")),
        "Rate": alarm("rate", Metrics=RATE, Threshold="5"),
        "Latency": alarm("latency", **metric("Latency", "p99", ApiId="a"), Threshold=1000),
        "Two": alarm("two", **metric("Slow"), EvaluationPeriods=3, DatapointsToAlarm=2),
        "Quiet": alarm("quiet", **metric("Silent", period=10), TreatMissingData="notBreaching"),
        "Gone": alarm("gone", **metric("Silent", period=10), TreatMissingData="breaching"),
        "Unknown": alarm("unknown", **metric("Silent", period=10)),
        "Kept": alarm("kept", **metric("Silent", period=10), TreatMissingData="ignore")},
    "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}}}


class Alarms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.watch = cls.cloud.client("cloudwatch")
        made = cls.cloud.deploy("alarms", TEMPLATE)
        assert made["StackStatus"] == "CREATE_COMPLETE", cls.cloud.reasons("alarms")
        cls.queue = outputs(made)["Queue"]

    def put(self, name, value, at=None, **dimensions):
        self.watch.put_metric_data(Namespace="Shop", MetricData=[{
            "MetricName": name, "Value": value, "Timestamp": at or time.time(),
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()]}])

    def state(self, name):
        return self.watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]

    def told(self, name):
        """The states of an alarm that the topic's subscriber was told."""
        states = []

        def receive():
            for message in self.cloud.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                told = json.loads(json.loads(message["Body"])["Message"])
                states.extend([told["NewStateValue"]] if told["AlarmName"] == name else [])
            return states

        wait_for(receive, f"a message of alarm {name}", self.cloud.log)
        return states

    def test_dimensions(self):
        self.put("Errors", 5, Function="other")
        self.put("Errors", 5)
        self.assertEqual(self.state("dimensions"), "INSUFFICIENT_DATA")
        self.put("Errors", 5, Function="x")
        self.assertEqual((self.state("dimensions"), self.told("dimensions")), ("ALARM", ["ALARM"]))

    def test_metric_math(self):
        self.put("Count", 100, ApiId="a")
        self.put("5xx", 4, ApiId="a")
        self.assertEqual(self.state("rate"), "OK")
        self.put("5xx", 2, ApiId="a")
        self.assertEqual((self.state("rate"), self.told("rate")), ("ALARM", ["ALARM"]))
        self.assertEqual(self.watch.describe_alarms(AlarmNames=["rate"])["MetricAlarms"][0]["Metrics"][0]["Expression"],
                         "100 * errors / requests")

    def test_percentiles(self):
        for _ in range(99):
            self.put("Latency", 10, ApiId="a")
        self.assertEqual(self.state("latency"), "OK")
        for _ in range(2):
            self.put("Latency", 5000, ApiId="a")
        self.assertEqual((self.state("latency"), self.told("latency")), ("ALARM", ["ALARM"]))

    def test_datapoints(self):
        now = time.time()
        self.put("Slow", 2, now)
        self.assertEqual(self.state("two"), "OK")
        self.put("Slow", 2, now - 60)
        self.put("Slow", 0, now)
        self.assertEqual(self.state("two"), "ALARM")

    def test_missing_data(self):
        wait_for(lambda: (self.state("quiet"), self.state("gone")) == ("OK", "ALARM"), "the alarms to look", self.cloud.log, 40)
        self.assertEqual((self.state("unknown"), self.state("kept")), ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA"))
        for name in ("kept", "quiet"):
            self.watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
        wait_for(lambda: self.state("quiet") == "OK", "the alarm to look again", self.cloud.log, 40)
        self.assertEqual(self.state("kept"), "ALARM")

    def test_what_is_not_calculated_is_refused(self):
        for metrics, reason in (([{"Id": "a", "Expression": "ANOMALY_DETECTION_BAND(m)"}], "does not calculate"),
                                ([{"Id": "a", "Expression": "b + 1"}], "names b"), (RATE[1:], "ReturnData")):
            template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Alarm": alarm("refused", Metrics=metrics)}}
            name = f"refused{len(reason)}"
            self.assertEqual(self.cloud.deploy(name, template)["StackStatus"], "ROLLBACK_COMPLETE")
            self.assertIn(reason, "".join(self.cloud.reasons(name)))


class ServicesMetrics(unittest.TestCase):
    """What Lambda measures by itself makes alarms ring, within seconds."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()
        cls.functions, cls.watch = cls.cloud.client("lambda"), cls.cloud.client("cloudwatch")

    def alarm(self, metric, **dimensions):
        self.watch.put_metric_alarm(
            AlarmName=f"service-{metric}", Namespace="AWS/Lambda", MetricName=metric, Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()])

    def state(self, metric):
        return self.watch.describe_alarms(AlarmNames=[f"service-{metric}"])["MetricAlarms"][0]["StateValue"]

    def test_the_new_version_of_an_alias_fails(self):
        name = "alarmed"
        script = ScriptedFunction(self.cloud, name, """die("no") if "BAD" in __import__("os").environ else None""")
        self.functions.publish_version(FunctionName=name)
        self.functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**script.environment, "BAD": "1"}})
        self.functions.publish_version(FunctionName=name)
        self.functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        self.alarm("Errors", FunctionName=name, Resource=f"{name}:live", ExecutedVersion="2")
        self.functions.invoke(FunctionName=name, Qualifier="live")
        self.functions.invoke(FunctionName=name, Qualifier="2")  # fails, but nobody asked the alias for it
        time.sleep(2)
        self.assertNotEqual(self.state("Errors"), "ALARM")
        self.functions.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
        for _ in range(10):
            self.functions.invoke(FunctionName=name, Qualifier="live")
        wait_for(lambda: self.state("Errors") == "ALARM", "the alarm", self.cloud.log, 5)
        self.functions.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {}})
        self.functions.invoke(FunctionName=name, Qualifier="live")
        time.sleep(2)
        self.assertEqual(self.state("Errors"), "ALARM")  # for a period at least

    def test_throttles_of_all_functions(self):
        ScriptedFunction(self.cloud, "alarmed-throttled")
        self.functions.put_function_concurrency(FunctionName="alarmed-throttled", ReservedConcurrentExecutions=0)
        self.alarm("Throttles")
        with self.assertRaises(self.functions.exceptions.TooManyRequestsException):
            self.functions.invoke(FunctionName="alarmed-throttled")
        wait_for(lambda: self.state("Throttles") == "ALARM", "the alarm", self.cloud.log, 5)


class States(unittest.TestCase):
    NOW = 1_800_000_030  # half of a minute

    def alarm(self, **settings):
        return {"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "StateValue": "OK",
                "StateUpdatedTimestamp": 0, "ActionsEnabled": False, **settings}

    def test_m_of_n_and_missing_data(self):
        """See the user guide, "Configuring how CloudWatch alarms treat missing data". Newest first."""
        treatments = ("missing", "ignore", "breaching", "notBreaching")
        for values, needed, states in (
            ([1, 0, 1], 3, ("OK",) * 4), ([1, 1, 1], 3, ("ALARM",) * 4), ([0, 1, 1], 2, ("ALARM",) * 4), ([1, 0, 0], 2, ("OK",) * 4),
            ([None, None, None], 3, ("INSUFFICIENT_DATA", "kept", "ALARM", "OK")),
            ([None, None, 1], 3, ("ALARM", "kept", "ALARM", "OK")),
            ([None, None, 0], 3, ("OK", "OK", "OK", "OK")),
            ([0, None, None], 2, ("OK", "OK", "ALARM", "OK")),
            ([None, 1, None], 2, ("ALARM", "kept", "ALARM", "OK")),
            ([1, None, None], 2, ("OK", "OK", "ALARM", "OK")),
        ):
            found = tuple(alarms._state(self.alarm(
                EvaluationPeriods=3, DatapointsToAlarm=needed, TreatMissingData=treatment, StateValue="kept"), values)[0]
                for treatment in treatments)
            self.assertEqual(found, states, (values, needed))

    def state(self, alarm, at, **by_age):
        """The state at a time, with data so many seconds older."""
        self.addCleanup(cloudwatch._metrics._data.clear)
        cloudwatch._metrics._data.clear()
        for age, value in ((int(name[1:]), value) for name, value in by_age.items()):
            cloudwatch._store_datum("N", "M", {}, at - age, "None", value, None, None, None)
        alarms._evaluate(alarm, at)
        return alarm["StateValue"]

    def test_a_new_period_does_not_end_an_alarm(self):
        alarm = self.alarm()
        self.assertEqual(self.state(alarm, self.NOW, _0=1), "ALARM")
        self.assertEqual(self.state(alarm, self.NOW + 40, _40=1, _0=0), "ALARM")
        self.assertEqual(self.state(alarm, self.NOW + 70, _70=1, _0=0), "ALARM")  # of the last whole period
        self.assertEqual(self.state(alarm, self.NOW + 100, _100=1, _60=0, _0=0), "OK")

    def test_a_state_that_was_set_lasts_for_a_period(self):
        alarm = self.alarm(StateValue="ALARM", StateUpdatedTimestamp=self.NOW)
        self.assertEqual(self.state(alarm, self.NOW + 59, _60=0, _0=0), "ALARM")
        self.assertEqual(self.state(alarm, self.NOW + 60, _60=0, _0=0), "OK")

    def test_a_period_that_has_not_ended_is_not_below_a_threshold(self):
        alarm = self.alarm(ComparisonOperator="LessThanThreshold", Threshold=10)
        self.assertEqual(self.state(alarm, self.NOW, _0=1, _60=50), "OK")
        self.assertEqual(self.state(alarm, self.NOW + 60, _0=1, _60=1), "ALARM")


class MetricMath(unittest.TestCase):
    def test_values(self):
        values = {"a": 6.0, "b": 4.0, "zero": 0.0, "none": None}
        for expression, value in (("100 * a / (b + 2)", 100), ("a / zero", None), ("a + none", None), ("-a", -6),
                                  ("FILL(none, 0) + 1", 1), ("IF(a > b, a / b, 0)", 1.5), ("SUM([a, b, none])", 10), ("MAX([a, b])", 6)):
            self.assertEqual(metric_math.calculate(metric_math.parse(expression), values.get), value, expression)

    def test_nothing_else_is_run(self):
        for expression in ("__import__('os')", "a.b", "a[0]", "lambda: 1", "a if b else c", "a +"):
            with self.assertRaises(ValueError, msg=expression):
                metric_math.parse(expression)
