import copy
import time
import unittest

from glue import service_metrics
from glue.service_metrics import milliseconds
from ministack.services import cloudwatch

DIMENSIONS = (("Name", "x"),)
KEY = ("Test", "Time", "Name=x")


class ServiceMetrics(unittest.TestCase):
    def setUp(self):
        self.addCleanup(cloudwatch._metrics._data.clear)

    def put(self, *values, at=None):
        for value in values:
            service_metrics.record("Test", [DIMENSIONS], [("Time", "Milliseconds", value)], at)
        return service_metrics.flush()

    def points(self):
        return cloudwatch._metrics.get(KEY)

    def test_a_point_is_a_value_in_a_minute(self):
        minute = time.time() // 60 * 60
        touched = self.put(5, 5, 7, at=minute + 1)
        self.put(5, at=minute + 59)
        self.put(5, at=minute + 60)
        self.assertEqual([(point["Timestamp"] - minute, point["Value"], point["Count"]) for point in self.points()],
                         [(0, 5, 3), (0, 7, 1), (60, 5, 1)])
        self.assertEqual([key for _, _, key in touched], [KEY])
        self.assertEqual(cloudwatch._calc_stats(self.points())["Sum"], 27)
        self.assertEqual(self.put(), set())

    def test_a_load_makes_few_points(self):
        minute = time.time() // 60 * 60
        values = [milliseconds(0.005 + number % 1000 / 50_000) for number in range(15_000)]
        self.put(*values, at=minute)
        self.assertLess(len(self.points()), 100)
        stats = cloudwatch._calc_stats(self.points())
        self.assertEqual(stats["SampleCount"], 15_000)
        self.assertAlmostEqual(stats["Average"], 14.99, delta=0.15)
        self.assertAlmostEqual(cloudwatch._stat_value(stats, "p99", self.points()), 24.8, delta=0.3)

    def test_old_points_go(self):
        now = time.time()
        self.put(1, at=now - 4 * 3600)
        self.put(1, at=now)
        service_metrics.sweep(now - 3 * 3600)
        self.assertEqual([point["Timestamp"] for point in self.points()], [now - now % 60])
        self.put(1, at=now)
        self.assertEqual([point["Count"] for point in self.points()], [2])
        service_metrics.sweep(now + 60)
        self.assertIsNone(self.points())

    def test_what_others_put_stays(self):
        cloudwatch._store_datum("Test", "Time", dict(DIMENSIONS), time.time(), "None", 3, None, None, None)
        self.put(4)
        cloudwatch._store_datum("Test", "Time", dict(DIMENSIONS), time.time(), "None", 5, None, None, None)
        self.assertEqual([point["Value"] for point in self.points()], [3, 4, 5])

    def test_no_snapshot_takes_them(self):
        self.put(1)
        self.assertEqual(copy.deepcopy(cloudwatch._metrics).get(KEY), [])

    def test_milliseconds_are_exact_to_a_hundredth(self):
        for seconds in (0.0001, 0.0123, 1.0009, 29.5):
            self.assertAlmostEqual(milliseconds(seconds) / (1000 * seconds), 1, delta=0.0101)
        self.assertEqual(milliseconds(0), 0)
