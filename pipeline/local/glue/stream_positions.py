"""After a restart, no record of a DynamoDB stream is skipped.

Gap: MiniStack saves how far each event source mapping has read a table's stream, but not the
stream: after a restart as many new records are skipped as were read before. On AWS both last.
Records that were not delivered when MiniStack stopped are lost still; nothing keeps them.
Leans on: load_persisted_state of services/lambda_svc.py, and the key that its state has.
"""

from ministack.services import lambda_svc

_KEY = "dynamodb_stream_positions"


def apply():
    load = lambda_svc.load_persisted_state

    def load_without_positions(data):
        return load({key: value for key, value in data.items() if key != _KEY})

    lambda_svc.load_persisted_state = load_without_positions
