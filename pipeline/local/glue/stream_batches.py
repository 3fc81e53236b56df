"""What Lambda does with a batch of stream records, and with what the function answers to it.

It retries a failed batch until it succeeds, or the limits of the event source mapping say that it
is discarded. The next batch waits meanwhile: records arrive in order.
"""

import json
from dataclasses import dataclass, field

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30  # seconds; AWS does not say how long it waits


@dataclass
class Progress:
    """Where an event source mapping is in its stream. Only the position outlives a restart."""

    position: int  # of the first record that is not done with
    parts: list = field(default_factory=list)  # where parts of a failed batch end, the next one last
    attempts: int = 0  # at the next part
    pause_until: float = 0

    def done(self, end):
        """Records before `end` need no further delivery."""
        self.position, self.attempts, self.pause_until = end, 0, 0
        while self.parts and self.parts[-1] <= end:
            self.parts.pop()

    def failed(self, middle, end, mapping, now):
        """The batch up to `end` failed; `middle` is where it can be split in two, if it can.
        Answers whether its attempts are used up."""
        if not self.parts:
            self.parts.append(end)
        if middle is not None and mapping.get("BisectBatchOnFunctionError"):  # and that is no retry
            self.parts.append(middle)
            return False
        self.attempts += 1
        self.pause(now)
        return self.attempts > limit(mapping, "MaximumRetryAttempts")

    def pause(self, now):
        self.pause_until = now + min(_FIRST_PAUSE * 2 ** min(self.attempts, 10), _LONGEST_PAUSE)


def limit(mapping, name):
    """A limit, where -1 or nothing stands for none."""
    value = mapping.get(name)
    return float("inf") if value is None or int(value) < 0 else int(value)


def first_failure(answer, sequence_numbers):
    """The index of the first record that a partial batch response names, or None when all are done.
    A response that names none of them properly fails the whole batch."""
    try:
        answer = json.loads(answer) if isinstance(answer, (str, bytes)) and answer.strip() else answer
        failures = (answer or {}).get("batchItemFailures") or []
        return min((sequence_numbers.index(failure["itemIdentifier"]) for failure in failures), default=None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0
