"""Sends what Lambda could not do to the queue or topic that is its destination for it.

Leans on: _dispatch_to_sqs and _dispatch_to_sns of services/eventbridge.py, which put a message into
a queue or topic of this cloud.
"""

import json
import logging
from datetime import datetime, timezone

from ministack.core.arn import parse_arn
from ministack.services import eventbridge

logger = logging.getLogger("lambda")


def send(arn, message):
    target, text = parse_arn(arn), json.dumps(message)
    if target.service == "sqs":
        eventbridge._dispatch_to_sqs(target, text)
    elif target.service == "sns":
        eventbridge._dispatch_to_sns(arn, text)
    else:
        logger.error("A destination is a queue or a topic here, not %s. Lost: %s", arn, text)


def timestamp(seconds, precision="seconds"):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec=precision).replace("+00:00", "Z")
