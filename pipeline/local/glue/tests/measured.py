"""What a metric has, for tests."""

import time


def statistics(cloud, namespace, metric, statistic="Sum", **dimensions):
    """A statistic, or a percentile, of the last hour of a metric; None where there is no data. Without dimensions,
    CloudWatch's local double answers for all."""
    key = "ExtendedStatistics" if statistic.startswith("p") else "Statistics"
    start = time.time() // 86400 * 86400 - 86400
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace, MetricName=metric, Period=2 * 86400, StartTime=start, EndTime=time.time() + 60, **{key: [statistic]},
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()])["Datapoints"]
    if not points:
        return None
    [point] = points
    return point["ExtendedStatistics"][statistic] if key == "ExtendedStatistics" else point[statistic]
