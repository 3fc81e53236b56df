"""MiniStack ends with the service that started it, however that one ends.

Gap: a MiniStack whose parent was killed keeps the port, and the next start finds it taken.
The parent holds the other end of standard input; when that closes, MiniStack gets the signal
on which it saves its state and ends. Leans on nothing of MiniStack but its handling of SIGTERM.
"""

import os
import signal
import sys
import threading
import time

_GRACE = 20  # seconds; to save all state takes a few


def hold() -> None:
    """Follows standard input until it closes. A terminal or an empty input is nobody's lifeline."""
    if os.environ.get("DEVTOOLS_LIFELINE") == "stdin":
        threading.Thread(target=_follow, name="lifeline", daemon=True).start()


def _follow() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # An orderly end waits for requests at work, also for those whose sender is gone and which nobody ends.
    time.sleep(_GRACE)
    os._exit(1)
