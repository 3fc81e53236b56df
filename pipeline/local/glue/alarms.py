"""Alarms watch the metric, dimensions and periods that they name.

Gap: MiniStack's alarms ignore dimensions, DatapointsToAlarm and TreatMissingData, look only when a
metric is put, and cannot watch metric math: a template with `Metrics` is refused. On AWS an alarm
looks at its last EvaluationPeriods periods again and again.
Here an alarm looks when data of its metric is put, each second when a service measures it (service_metrics.py),
and each 10 s when its state is older than a period. It does not wait for the end of a period when what is there is
over the threshold already; AWS would, and takes a minute or two more. ALARM lasts a period at least, also when
SetAlarmState has set it.
Not as on AWS: PutMetricAlarm of the API still takes no metric math, only templates do; see
metric_math.py for what is calculated.
Leans on: _evaluate_alarm (called at each PutMetricData), _metrics, _alarms, _dims_key, _dims_from_list,
_calc_stats, _stat_value, _record_history, _dispatch_alarm_actions, _evaluate_parent_alarms of
services/cloudwatch.py; _cw_metric_alarm_record of cloudformation/provisioners.py.
"""

import logging
import threading
import time

from glue import metric_math
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

logger = logging.getLogger("cloudwatch")

_TICK = 10  # seconds
_lock = threading.Lock()  # of the alarms' states
_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def apply():
    evaluate, record = cloudwatch._evaluate_alarm, provisioners._cw_metric_alarm_record

    def evaluate_put(alarm):
        if alarm.get("ComparisonOperator") not in _BREACHES:
            evaluate(alarm)  # anomaly detection
        elif _values(alarm, now := time.time(), 1)[0] is not None:
            _evaluate(alarm, now)

    def recorded(name, props):
        queries = props.get("Metrics")
        if not queries:
            return record(name, props)
        _check(queries)
        alarm = record(name, {**props, "Metrics": None, "MetricName": "-", "Namespace": "-"})
        for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions"):
            del alarm[key]
        return alarm | {"Metrics": [_typed(query) for query in queries]}

    cloudwatch._evaluate_alarm = evaluate_put
    provisioners._cw_metric_alarm_record = recorded
    threading.Thread(target=_run, name="alarms", daemon=True).start()


def look(touched):
    """Evaluates the alarms that watch one of the metrics, each (account, region, key in cloudwatch._metrics)."""
    for (account, region, _), alarm in cloudwatch._alarms.all_items():
        if any((account, region, key) in touched for key in map(_key, _metrics(alarm))):
            _evaluate_in(account, region, alarm)


def _run():
    while True:
        time.sleep(_TICK)
        now = time.time()
        for (account, region, _), alarm in cloudwatch._alarms.all_items():
            if not _is_young(alarm, now):
                _evaluate_in(account, region, alarm)


def _evaluate_in(account, region, alarm):
    if alarm.get("ComparisonOperator") not in _BREACHES:
        return
    tokens = _request_account_id.set(account), _request_region.set(region)
    try:
        _evaluate(alarm, time.time())
    except Exception:  # one alarm's trouble is not the others'
        logger.exception("Alarm %s could not be evaluated", alarm["AlarmName"])
    finally:
        _request_account_id.reset(tokens[0])
        _request_region.reset(tokens[1])


def _is_young(alarm, now):
    return now - alarm["StateUpdatedTimestamp"] < _period(alarm)


def _check(queries):
    ids = {query["Id"] for query in queries}
    for query in queries:
        expression = query.get("Expression", "0")
        if unknown := metric_math.names(metric_math.parse(expression)) - ids:
            raise ValueError(f"Metric math {expression!r} names {', '.join(sorted(unknown))}, but Metrics does not.")
    if sum(_returns(query) for query in queries) != 1:
        raise ValueError("Exactly one of an alarm's Metrics has ReturnData: true.")


def _returns(query):
    return str(query.get("ReturnData", True)).lower() == "true"


def _typed(query):
    typed = {**query, "ReturnData": _returns(query)}
    if stat := query.get("MetricStat"):
        typed["MetricStat"] = {**stat, "Period": int(stat["Period"])}
    return typed


def _period(alarm):
    periods = [query["MetricStat"]["Period"] for query in alarm.get("Metrics") or [] if "MetricStat" in query]
    return int(alarm.get("Period") or max(periods, default=60))


def _metrics(alarm):
    """The metrics that an alarm watches: itself, or those of its queries."""
    if queries := alarm.get("Metrics"):
        return [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]
    return [alarm]


def _key(metric):
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    return metric.get("Namespace"), metric.get("MetricName"), dimensions


def _values(alarm, now, count):
    """What the alarm watches, in the period that `now` is in and those before it, newest first; None without data."""
    period = _period(alarm)
    starts = [now - now % period - index * period for index in range(count)]
    queries = {query["Id"]: query for query in alarm.get("Metrics") or []}
    if not queries:
        return _statistics(alarm, alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average", starts, period)
    known = {name: _statistics(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], starts, period)
             for name, query in queries.items() if "MetricStat" in query}
    trees = {name: metric_math.parse(query["Expression"]) for name, query in queries.items() if "Expression" in query}

    def value(name, index):
        if name in known:
            return known[name][index]
        return metric_math.calculate(trees[name], lambda other: value(other, index))

    watched = next(name for name, query in queries.items() if query["ReturnData"])
    return [value(watched, index) for index in range(count)]


def _statistics(metric, statistic, starts, period):
    """The metric in each of the periods that begin at `starts`, newest first; None without data."""
    by_start = {start: [] for start in starts}
    for point in list(cloudwatch._metrics.get(_key(metric)) or ()):
        at = point["Timestamp"]
        if starts[-1] <= at < starts[0] + period:
            by_start[at - at % period].append(point)
    return [cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None
            for points in by_start.values()]


def _evaluate(alarm, now):
    count = int(alarm["EvaluationPeriods"])
    values = _values(alarm, now, count + 1)
    seen = values[1:]
    state, breaching = _state(alarm, seen)
    # What is over a threshold before its period ends counts; what is under one may still grow.
    if values[0] is not None and alarm["ComparisonOperator"].startswith("Greater"):
        early, early_breaching = _state(alarm, values[:count])
        if early == "ALARM" or all(value is None for value in seen):
            seen, state, breaching = values[:count], early, early_breaching
    reason = (f"Threshold Crossed: {breaching} out of the last {count} datapoints {seen} (newest first)"
              f" against {alarm['ComparisonOperator']} {alarm['Threshold']}.")
    with _lock:  # the clock and those who put data may find the same change
        before = alarm["StateValue"]
        if state == before or (before == "ALARM" and _is_young(alarm, now)):
            return
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(now)}
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _state(alarm, values):
    """The state that the values of the periods, newest first, make, and how many of them are over the threshold."""
    missing = alarm.get("TreatMissingData") or "missing"
    breach, needed = _BREACHES[alarm["ComparisonOperator"]], int(alarm.get("DatapointsToAlarm") or len(values))
    breaches = [missing == "breaching" if value is None else breach(value, alarm["Threshold"]) for value in values]
    breaching, known = sum(breaches), [index for index, value in enumerate(values) if value is not None]
    if missing not in ("missing", "ignore"):
        return ("ALARM" if breaching >= needed else "OK"), breaching
    if not known:
        return ("INSUFFICIENT_DATA" if missing == "missing" else alarm["StateValue"]), 0
    if breaching >= needed:
        return "ALARM", breaching
    # All that there is is over it, and the oldest for long enough (user guide, "Avoiding premature transitions").
    if breaching == len(known) and known[-1] + 1 >= needed:
        return ("ALARM" if missing == "missing" else alarm["StateValue"]), breaching
    return "OK", breaching
