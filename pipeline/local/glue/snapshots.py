"""State survives kill -9.

Gap: MiniStack saves its state when it stops in order, and loses everything since the start when it
does not. Here changes are saved within 3 s (8 s when there is much), and those of a CloudFormation operation as soon as it
ends; all services in one commit (snapshot_files.py), so that they agree with each other. While an
operation runs, nothing is saved: a crash then leads back to before it. No request is answered meanwhile, so what is
much and grows, the logs, is saved each minute and with operations only, and code is hashed once.
Leans on: `app` (as front_door.py), save_all and _build_persistence_save_dict of app.py;
_json_default and _state_format_version of core/persistence.py; _write_code_blob and _prune_orphan_code_blobs of
services/lambda_svc.py, whose code is bytes that are never copied; _stacks, _stack_events and load_persisted_state of
services/cloudformation.
"""

import asyncio
import hashlib
import json
import logging
import time

from glue import devtools, snapshot_files
from glue.code_files import CodeFiles
from ministack import app
from ministack.core import persistence
from ministack.services import cloudformation, lambda_svc

logger = logging.getLogger("persistence")

CUT_OFF = "The local cloud stopped during this operation."  # a stack's reason, after the restart
_TICK = 0.5  # seconds
_INTERVAL = 3  # and up to _LONGEST where saving takes long, so that it takes a twentieth of the time
_LONGEST = 8
_PATIENCE = 30  # for a CloudFormation operation; then its middle is saved
_SWEEP = 60  # for changes without a request: schedules, expiry; and for the next
_SELDOM = ("cloudwatch_logs",)
_READS = ("GET", "HEAD", "OPTIONS")


def apply():
    inner, load = app.app, cloudformation.load_persisted_state
    snapshots = _Snapshots()

    async def counting(scope, receive, send):
        async def started(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                snapshots.task = asyncio.create_task(snapshots.run())

        if scope["type"] == "lifespan":
            await inner(scope, receive, started)
            return
        try:
            await inner(scope, receive, send)
        finally:
            snapshots.changed = snapshots.changed or _may_change_state(scope)

    def load_finished(data):
        load(data)
        for stack in cloudformation._stacks._data.values():
            if _is_busy(stack):
                stack["StackStatus"] = stack["StackStatus"].replace("_IN_PROGRESS", "_FAILED")
                stack["StackStatusReason"] = CUT_OFF

    app.app = counting
    app.save_all = snapshots.save
    cloudformation.load_persisted_state = load_finished
    # Called while a snapshot is taken, when the files on disk still need what it would remove.
    code_files = CodeFiles(lambda_svc._write_code_blob, lambda_svc._prune_orphan_code_blobs)
    lambda_svc._write_code_blob = code_files.write
    lambda_svc._prune_orphan_code_blobs = snapshots.remember_blobs
    snapshots.prune = code_files.prune


def _may_change_state(scope):
    if scope["type"] != "http" or scope["method"] in _READS:
        return False
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"").decode("latin-1")
    return not target.startswith(tuple(devtools.API.values()))  # their state is not MiniStack's


def _is_busy(stack):
    return stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS"


def _digest(text):
    return hashlib.blake2b(text.encode()).digest()


class _Snapshots:
    def __init__(self):
        self.changed = False  # since the last snapshot, as far as requests tell
        self.task = None
        self.prune = None
        self._blobs = set()
        self._digests = {name: _digest(text) for name, text in snapshot_files.read().items()}

    def remember_blobs(self, referenced):
        self._blobs = referenced

    async def run(self):
        saved = swept = time.monotonic()
        events, interval = self._stack_events(), _INTERVAL
        while True:
            await asyncio.sleep(_TICK)
            age = time.monotonic() - saved
            if any(map(_is_busy, list(cloudformation._stacks._data.values()))) and age < _PATIENCE:
                continue
            operation_ended = events != self._stack_events()
            sweep = operation_ended or time.monotonic() - swept >= _SWEEP
            if sweep or (self.changed and age >= interval):
                self.changed, events, start = False, self._stack_events(), time.monotonic()
                services = app._build_persistence_save_dict()
                # On the event loop, so that no request is half done in what is saved.
                try:
                    self.save({name: services[name] for name in services if sweep or name not in _SELDOM})
                except OSError:
                    logger.exception("No snapshot could be written to %s", persistence.STATE_DIR)
                    self.changed = True
                saved = time.monotonic()
                swept = saved if sweep else swept
                interval = min(max(_INTERVAL, 20 * (saved - start)), _LONGEST)

    @staticmethod
    def _stack_events():
        return sum(map(len, list(cloudformation._stack_events._data.values())))

    def save(self, services):
        """Write what has changed. `services` are functions by name that answer a service's state."""
        texts = {name: text for name, get_state in services.items() if (text := self._text(name, get_state))}
        digests = {name: _digest(text) for name, text in texts.items()}
        if changed := {name: texts[name] for name in texts if digests[name] != self._digests.get(name)}:
            snapshot_files.commit(changed)
            self._digests |= digests
            if "lambda" in changed:
                self.prune(self._blobs)

    def _text(self, name, get_state):
        for _ in range(3):
            try:
                state = get_state()
                return state and json.dumps({
                    "__ministack_format__": persistence._state_format_version(name), "payload": state,
                }, default=persistence._json_default)
            except RuntimeError as error:  # a worker thread changed it meanwhile
                failure = error
            except (TypeError, ValueError) as error:
                failure = error
                break
        self.changed = True
        logger.error("The state of %s could not be saved, its last snapshot stays: %s", name, failure)
        return None
