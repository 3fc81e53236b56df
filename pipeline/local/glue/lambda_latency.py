"""Two stalls that add about 90 ms to each invocation of a `provided` runtime.

Gap 1: the Runtime API server writes an answer's head and body in two packets; Nagle's algorithm
holds the second back until the first is acknowledged, which the runtime delays by 40 ms.
Gap 2: after an invocation MiniStack waits 50 ms for a first log line in case one is on its way. A
line that was written before the response is in the pipe already: looking there costs nothing.
Leans on: ProvidedWorker of core/lambda_runtime.py: its handler class is a StreamRequestHandler of
socketserver, its _drain_stderr_bounded reads _stderr_queue, which a thread fills from _proc.stdout.
"""

import array
import fcntl
import queue
import socketserver
import termios
import time

from ministack.core.lambda_runtime import ProvidedWorker

_QUIET = 0.002  # seconds for the thread to move what it has read into the queue
_LIMIT = 0.25  # seconds, as MiniStack's own


def apply():
    # For every server of the process: none of them gains from waiting.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    drain = ProvidedWorker._drain_stderr_bounded

    def drain_written(worker, **waits):
        # With waits of its own it reports a failed start: the process may still be writing.
        return drain(worker, **waits) if waits else _drain_written(worker)

    ProvidedWorker._drain_stderr_bounded = drain_written


def _drain_written(worker):
    lines, start = [], time.monotonic()
    last = start
    while (now := time.monotonic()) - start < _LIMIT:
        try:
            lines.append(worker._stderr_queue.get_nowait())
            last = now
        except queue.Empty:
            if now - last >= _QUIET and not _unread(worker._proc):
                break
            time.sleep(_QUIET / 4)
    return "\n".join(lines)


def _unread(process):
    """How many bytes of output wait in the pipe."""
    if process is None or process.stdout.closed:
        return 0
    count = array.array("i", [0])
    try:
        fcntl.ioctl(process.stdout, termios.FIONREAD, count)
    except (OSError, ValueError):  # closed meanwhile: the process has ended
        return 0
    return count[0]
