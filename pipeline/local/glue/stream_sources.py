"""DynamoDB streams reach functions as the event source mapping says.

Gap: MiniStack ignores ReportBatchItemFailures (a record that was reported is lost),
MaximumRetryAttempts and BisectBatchOnFunctionError, discards by age only after another failure,
and runs the function in the loop that serves every other mapping. On AWS:
- a failed batch is retried, with growing pauses, and only its shard waits (a stream has one here);
- with ReportBatchItemFailures from the first reported record on;
- with BisectBatchOnFunctionError in two halves, which does not count as a retry;
- after MaximumRetryAttempts, or when a record is older than MaximumRecordAgeInSeconds, the batch
  is discarded, and described in a message to the OnFailure destination. The records are not in it.
Not as on AWS: MaximumBatchingWindowInSeconds is 0, ParallelizationFactor is 1, there are no
tumbling windows. How AWS splits a batch whose first record is reported its documentation leaves
open; here in halves.
Leans on: _poll_dynamodb_streams, which the poll loop of services/lambda_svc.py calls, its
_iter_all_esms, _esm_inflight, _dispatch_esm_batch, _get_func_record_for_qualifier,
_apply_filter_criteria and _execute_function; stream_start_position, stream_end_position,
stream_records_since of services/dynamodb.py; _DEFAULT_SHARD_ID of services/dynamodb_streams.py.
The positions are lambda_svc's, see stream_records.py.
"""

import logging
import time
from typing import NamedTuple

from glue import lambda_metrics
from glue.destinations import send, timestamp
from glue.stream_batches import Progress, first_failure, limit
from ministack.core.responses import _request_account_id, _request_region, new_uuid
from ministack.services import dynamodb, dynamodb_streams, lambda_svc

logger = logging.getLogger("lambda")

_READ = 1000  # records at once, before the filter
_progress = {}  # by account, region and id of the mapping


class _Batch(NamedTuple):
    records: list
    positions: list  # of the records in the stream
    end: int  # the position behind it; filtered records may lie before


def apply():
    lambda_svc._poll_dynamodb_streams = _poll


def _poll():
    """Start what can be delivered; the end of a delivery wakes the loop. Answers whether to come back at once."""
    skipped = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        if not _is_stream_of(mapping, account, region) or lambda_svc._esm_inflight.get(mapping["UUID"]):
            continue
        tokens = _request_account_id.set(account), _request_region.set(region)
        try:
            skipped |= _deliver_next(mapping, _progress_of(account, region, mapping["UUID"]))
        except Exception:  # one mapping's trouble is not the others'
            logger.exception("Event source mapping %s could not be polled", mapping["UUID"])
        finally:
            _request_account_id.reset(tokens[0])
            _request_region.reset(tokens[1])
    return skipped


def _is_stream_of(mapping, account, region):
    prefix = f"arn:aws:dynamodb:{region}:{account}:table/"
    return mapping.get("Enabled", True) and mapping["EventSourceArn"].startswith(prefix)


def _table_name(stream_arn):
    return stream_arn.split("/")[1]


def _progress_of(account, region, mapping_id):
    """The progress of a mapping; one that a restart left without position starts with what is there."""
    progress = _progress.setdefault((account, region, mapping_id), Progress(0))
    progress.position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping_id, 0)
    return progress


def _deliver_next(mapping, progress):
    """Start the delivery of the next batch. Answers whether records were skipped instead."""
    stream, now = mapping["EventSourceArn"], time.time()
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    table = dynamodb._tables.get(_table_name(stream))
    if function is None or not table or table.get("LatestStreamArn") != stream or now < progress.pause_until:
        return False
    if (horizon := dynamodb.stream_start_position(_table_name(stream))) > progress.position:
        _done(mapping, progress, horizon)  # what a stream has kept for 24 hours is gone
    batch = _next_batch(mapping, progress)
    if batch.records:
        lambda_svc._dispatch_esm_batch(mapping["UUID"], _deliver, mapping, function, progress, batch)
        return False
    skipped = batch.end > progress.position
    if skipped:
        _done(mapping, progress, batch.end)
    return skipped


def _next_batch(mapping, progress):
    end = dynamodb.stream_end_position(_table_name(mapping["EventSourceArn"]))
    if progress.parts:
        end = min(end, progress.parts[-1])
    count = min(end - progress.position, _READ)
    read = dynamodb.stream_records_since(_table_name(mapping["EventSourceArn"]), progress.position, count)
    wanted = [(record, progress.position + index) for index, record in enumerate(read)
              if lambda_svc._apply_filter_criteria([record], mapping)]
    size = int(mapping.get("BatchSize") or 100)
    end = wanted[size][1] if len(wanted) > size else progress.position + len(read)
    return _Batch([record for record, _ in wanted[:size]], [position for _, position in wanted[:size]], end)


def _deliver(mapping, function, progress, batch):
    if too_old := _too_old(mapping, batch):
        _discard(mapping, function, progress, too_old, "RecordAgeExceeded")
        return
    written = batch.records[-1]["dynamodb"]["ApproximateCreationDateTime"]
    lambda_metrics.iterator_age(function["config"], time.time() - written)
    result = lambda_svc._execute_function(function, {"Records": batch.records})
    failure = _failure(mapping, result, batch)
    if failure is None:
        _done(mapping, progress, batch.end)
        mapping["LastProcessingResult"] = "OK"
        return
    mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
    logger.warning("Lambda %s failed at record %d of %d from %s: %s\n%s", mapping["FunctionName"], failure + 1,
                   len(batch.records), mapping["EventSourceArn"], result.get("body"), result.get("log", ""))
    if failure > 0:
        progress.parts = progress.parts or [batch.end]
        _done(mapping, progress, batch.positions[failure])
        progress.pause(time.time())
    elif result.get("throttle"):  # is tried again until it is too old
        progress.pause(time.time())
    else:
        size = len(batch.records)
        middle = batch.positions[size // 2] if size > 1 else None
        if progress.failed(middle, batch.end, mapping, time.time()):
            _discard(mapping, function, progress, batch, "RetryAttemptsExhausted")


def _failure(mapping, result, batch):
    """The index of the first record to be tried again, or None."""
    if result.get("error") or result.get("throttle"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    return first_failure(result.get("body"), [record["dynamodb"]["SequenceNumber"] for record in batch.records])


def _too_old(mapping, batch):
    """The part of a batch, from its begin, that is older than the mapping allows."""
    oldest = time.time() - limit(mapping, "MaximumRecordAgeInSeconds")
    count = 0
    while count < len(batch.records) and batch.records[count]["dynamodb"]["ApproximateCreationDateTime"] < oldest:
        count += 1
    end = batch.positions[count] if count < len(batch.records) else batch.end
    return _Batch(batch.records[:count], batch.positions[:count], end) if count else None


def _done(mapping, progress, end):
    progress.done(end)
    # A mapping deleted while its function ran has no position any more.
    if lambda_svc._esms.get(mapping["UUID"]) is mapping:
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = end


def _discard(mapping, function, progress, batch, condition):
    destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    logger.warning("Discarding %d records of %s (%s)", len(batch.records), mapping["EventSourceArn"], condition)
    if destination:
        send(destination, _description(mapping, function, batch, condition, progress.attempts))
    _done(mapping, progress, batch.end)


def _description(mapping, function, batch, condition, attempts):
    config = function.get("config") or function
    first, last = (record["dynamodb"] for record in (batch.records[0], batch.records[-1]))
    return {
        "requestContext": {"requestId": new_uuid(), "functionArn": mapping["FunctionArn"], "condition": condition,
                           "approximateInvokeCount": attempts},
        "responseContext": {"statusCode": 200, "executedVersion": config.get("Version", "$LATEST"),
                            "functionError": "Unhandled"},
        "version": "1.0", "timestamp": timestamp(time.time(), "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": dynamodb_streams._DEFAULT_SHARD_ID, "streamArn": mapping["EventSourceArn"],
            "batchSize": len(batch.records),
            "startSequenceNumber": first["SequenceNumber"], "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": timestamp(first["ApproximateCreationDateTime"]),
            "approximateArrivalOfLastRecord": timestamp(last["ApproximateCreationDateTime"])}}

