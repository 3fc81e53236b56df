"""Alarms watch the metric, dimensions and periods that they name.

Gap: MiniStack's alarms ignore dimensions, DatapointsToAlarm and TreatMissingData, look only when a
metric is put, and cannot watch metric math: a template with `Metrics` is refused. On AWS an alarm
looks at its last EvaluationPeriods periods again and again.
Here an alarm looks when data of its metric is put, and each 10 s when its state is older than a
period (so that a state set by SetAlarmState lasts as long). It does not wait for the end of a
period when what is there is over the threshold already; AWS would, and takes a minute or two more.
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
        elif (now := time.time()) and _value(alarm, now, _period(alarm)) is not None:
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


def _run():
    while True:
        time.sleep(_TICK)
        now = time.time()
        for (account, region, _), alarm in cloudwatch._alarms.all_items():
            is_young = now - alarm["StateUpdatedTimestamp"] < _period(alarm)
            if is_young or alarm.get("ComparisonOperator") not in _BREACHES:
                continue
            tokens = _request_account_id.set(account), _request_region.set(region)
            try:
                _evaluate(alarm, now)
            except Exception:  # one alarm's trouble is not the others'
                logger.exception("Alarm %s could not be evaluated", alarm["AlarmName"])
            finally:
                _request_account_id.reset(tokens[0])
                _request_region.reset(tokens[1])


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


def _value(alarm, at, period):
    """What the alarm watches, in the period that `at` is in; or None."""
    start = at - at % period
    queries = {query["Id"]: query for query in alarm.get("Metrics") or []}
    if not queries:
        return _statistic(alarm, alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average", start, period)

    def value(name):
        query = queries[name]
        if "Expression" in query:
            return metric_math.calculate(metric_math.parse(query["Expression"]), value)
        return _statistic(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], start, period)

    return value(next(name for name, query in queries.items() if query["ReturnData"]))


def _statistic(metric, statistic, start, period):
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = [point for point in cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], dimensions)) or []
              if start <= point["Timestamp"] < start + period]
    stats = cloudwatch._calc_stats(points)
    return cloudwatch._stat_value(stats, statistic, points) if stats else None


def _evaluate(alarm, now):
    period, count = _period(alarm), int(alarm["EvaluationPeriods"])
    values = [_value(alarm, now - index * period, period) for index in range(count + 1)]
    # What is over a threshold before its period ends counts; what is under one may still grow.
    early = values[0] is not None and alarm["ComparisonOperator"].startswith("Greater")
    values = values[:count] if early else values[1:]
    state, breaching = _state(alarm, values)
    if state == alarm["StateValue"]:
        return
    reason = (f"Threshold Crossed: {breaching} out of the last {count} datapoints {values} (newest first)"
              f" against {alarm['ComparisonOperator']} {alarm['Threshold']}.")
    before = alarm["StateValue"]
    alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(now)}
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _state(alarm, values):
    """The state that the values of the periods make, and how many of them are over the threshold."""
    missing = alarm.get("TreatMissingData") or "missing"
    breach = _BREACHES[alarm["ComparisonOperator"]]
    breaches = [breach(value, alarm["Threshold"]) for value in values if value is not None]
    breaching = sum(breaches)
    if missing == "breaching":
        breaching += len(values) - len(breaches)
    elif not breaches and missing == "missing":
        return "INSUFFICIENT_DATA", 0
    elif not breaches and missing == "ignore":
        return alarm["StateValue"], 0
    return ("ALARM" if breaching >= int(alarm.get("DatapointsToAlarm") or len(values)) else "OK"), breaching
