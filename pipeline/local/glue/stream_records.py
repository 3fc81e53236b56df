"""After a restart, every record of a DynamoDB stream is still delivered.

Gap: MiniStack saves how far each event source mapping has read a table's stream, but not the
stream: after a restart what was not delivered is lost, and as many new records are skipped as were
read before. On AWS both last. Here the state of DynamoDB, which has the table's items, has also the
records that some mapping has still to deliver, and the mappings' positions. (Records that all
mappings are done with go, other than on AWS: a new mapping finds them until the restart only.)
Leans on: get_state and load_persisted_state of services/dynamodb.py, its _stream_records and
_stream_trimmed; load_persisted_state of services/lambda_svc.py, the key of its state that has the
positions, _dynamodb_stream_positions and _iter_all_esms.
"""

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

_POSITIONS = "dynamodb_stream_positions"
_KEYS = ("stream_records", "stream_starts", "stream_positions")


def apply():
    get_state, load = dynamodb.get_state, dynamodb.load_persisted_state
    load_functions = lambda_svc.load_persisted_state

    def load_with_streams(data):
        records, starts, positions = (data.get(key) for key in _KEYS)
        if records:
            dynamodb._stream_records.update(records)
            dynamodb._stream_trimmed.update(starts)
            lambda_svc._dynamodb_stream_positions.update(positions)
        # Last: without tables, nothing is delivered.
        load(data)

    def load_functions_without_positions(data):
        load_functions({key: value for key, value in data.items() if key != _POSITIONS})

    dynamodb.get_state = lambda: get_state() | dict(zip(_KEYS, _undelivered()))
    dynamodb.load_persisted_state = load_with_streams
    lambda_svc.load_persisted_state = load_functions_without_positions


def _undelivered():
    """By table, the records that a mapping has to deliver, and the position of the first; and the
    positions of the mappings."""
    records, starts, positions = (AccountRegionScopedDict() for _ in _KEYS)
    lowest = {}
    for account, region, mapping in list(lambda_svc._iter_all_esms()):
        source = mapping.get("EventSourceArn", "")
        if source.startswith("arn:aws:dynamodb:"):
            position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping["UUID"], 0)
            positions.set_scoped(account, region, mapping["UUID"], position)
            table = account, region, source.split("/")[1]
            lowest[table] = min(position, lowest.get(table, position))
    for table, position in lowest.items():
        start = max(position, dynamodb._stream_trimmed.get_scoped(*table, 0))
        starts.set_scoped(*table, start)
        records.set_scoped(*table, dynamodb.stream_records_since(
            table[2], start, limit=1_000_000, account_id=table[0], region=table[1]))
    return records, starts, positions
