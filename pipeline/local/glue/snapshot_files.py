"""Writes the state of several services as one: after a crash all of it is there, or none.

MiniStack keeps one JSON file per service in STATE_DIR. The changed ones are written to a folder
aside; renaming that folder commits them; then they move to their places. A crash before the
rename changes nothing, and after it the next start finishes the move.
"""

import os
import shutil
from pathlib import Path

from ministack.core.persistence import STATE_DIR

_PENDING = os.path.join(STATE_DIR, "snapshot.pending")
_COMMITTED = os.path.join(STATE_DIR, "snapshot.committed")


def commit(files):
    """Replace the files of the given names (without `.json`) by the given texts."""
    recover()
    os.makedirs(_PENDING)
    for name, text in files.items():
        with open(os.path.join(_PENDING, f"{name}.json"), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    os.rename(_PENDING, _COMMITTED)
    _move()


def read():
    """The texts of what is saved, by name."""
    return {path.stem: path.read_text() for path in Path(STATE_DIR).glob("*.json")}


def recover():
    """Finish, or forget, a snapshot that a crash interrupted."""
    if os.path.isdir(_PENDING):
        shutil.rmtree(_PENDING)
    if os.path.isdir(_COMMITTED):
        _move()


def _move():
    for name in os.listdir(_COMMITTED):
        os.replace(os.path.join(_COMMITTED, name), os.path.join(STATE_DIR, name))
    os.rmdir(_COMMITTED)
