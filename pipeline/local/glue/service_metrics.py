"""Metrics that services put by themselves, gathered and handed to CloudWatch each second.

Gap: MiniStack's services put almost no metrics, each put is a point of its own, and all points are copied with each snapshot
and each is looked at in each call of CloudWatch: a load of some hundred requests a second would stop everything.
AWS keeps the metrics of its services by the minute, with the values seen in it and how often, so that percentiles
can be calculated. So do we; the alarms that watch what has changed look at it, once a second.
Not as on AWS: metrics of services are kept for 3 hours, and a restart forgets them.
Leans on: _metrics, _dims_key, _evict_old_metrics (called at each call of CloudWatch) and, of what a point is, Timestamp,
Value, Count, Unit and Dimensions of services/cloudwatch.py.
"""

import collections
import functools
import logging
import math
import threading
import time

from glue import alarms
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

logger = logging.getLogger("cloudwatch")

_INTERVAL = 1  # seconds
_MINUTE = 60  # seconds: what a point stands for
_KEPT = 3 * 3600  # seconds
_SWEEP = 60  # seconds between two looks for old points
_STEP = math.log(1.02)

_recorded = collections.deque()
_lock = threading.Lock()  # of the points, between those who put some and those who remove some


class Points(list):
    """The points of a service's metric. No snapshot takes them: they are many, and old after minutes."""

    def __init__(self, points=()):
        super().__init__(points)
        self.by_minute = {}  # (minute, value): the point

    def __deepcopy__(self, memo):
        return []

    def add(self, at, value, unit, dimensions):
        key = at - at % _MINUTE, value
        if point := self.by_minute.get(key):
            point["Count"] += 1
            return
        point = {"Timestamp": key[0], "Value": value, "Count": 1.0, "Unit": unit, "Dimensions": dimensions}
        self.by_minute[key] = point
        self.append(point)

    def remove_before(self, at):
        self[:] = [point for point in self if point["Timestamp"] >= at]
        self.by_minute = {key: point for key, point in self.by_minute.items() if key[0] >= at}


def apply():
    evict, last = cloudwatch._evict_old_metrics, -math.inf

    def evict_seldom():
        nonlocal last
        if (now := time.monotonic()) - last < _SWEEP:
            return
        last = now
        with _lock:
            services = {key: points for key, points in cloudwatch._metrics.items() if isinstance(points, Points)}
            evict()
            for key, points in services.items():
                cloudwatch._metrics[key] = points

    cloudwatch._evict_old_metrics = evict_seldom
    threading.Thread(target=_run, name="service-metrics", daemon=True).start()


def record(namespace, dimensions, values, at=None):
    """Notes values, as (name, unit, value), for each of the sets of dimensions, each a tuple of (name, value). Cheap.
    `at` is in seconds since 1970; now if it is left out."""
    _recorded.append((get_account_id(), get_region(), namespace, dimensions, values, time.time() if at is None else at))


def milliseconds(seconds):
    """A duration as a metric's value, exact to one part in a hundred: that keeps the number of different values small."""
    return round(math.exp(round(math.log(seconds * 1000) / _STEP) * _STEP), 3) if seconds > 1e-6 else 0.0


def _run():
    swept = time.monotonic()
    while True:
        time.sleep(_INTERVAL)
        try:
            if touched := flush():
                alarms.look(touched)
            if (now := time.monotonic()) - swept >= _SWEEP:
                swept = now
                sweep(time.time() - _KEPT)
        except Exception:  # the next second is measured all the same
            logger.exception("Metrics could not be gathered")


def flush():
    """Stores what was noted. Answers which metrics have new values, as (account, region, key in _metrics)."""
    touched = set()
    with _lock:
        while _recorded:
            account, region, namespace, sets, values, at = _recorded.popleft()
            for dimensions in sets:
                dims_key, as_dict = _dimensions(dimensions)
                for name, unit, value in values:
                    key = namespace, name, dims_key
                    _points(account, region, key).add(at, value, unit, as_dict)
                    touched.add((account, region, key))
    return touched


def sweep(before):
    """Removes points of services' metrics that are older, and metrics that have no others."""
    with _lock:
        for scoped, points in cloudwatch._metrics.all_items():
            if isinstance(points, Points):
                points.remove_before(before)
                if not points:
                    cloudwatch._metrics.pop_scoped(*scoped, None)


def _points(account, region, key):
    points = cloudwatch._metrics.get_scoped(account, region, key)
    if not isinstance(points, Points):  # somebody put data of this name, or nobody any
        points = Points(points or ())
        cloudwatch._metrics.set_scoped(account, region, key, points)
    return points


@functools.lru_cache(maxsize=4096)
def _dimensions(dimensions):
    as_dict = dict(dimensions)
    return cloudwatch._dims_key(as_dict), as_dict
