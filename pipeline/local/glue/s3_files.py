"""After a crash, S3 has the buckets that the rest of the state knows.

Gap: with S3_PERSIST objects are on disk at once, and the state of buckets and stacks is not. A
bucket made just before a crash comes back without the stack that owns it, and its template can no
longer be deployed, because the name is taken. On AWS nothing forgets.
Leans on: the folders <S3_DATA_DIR>/<account>/<bucket> and <S3_DATA_DIR>/.versions/<account>/<bucket>,
which services/s3.py reads when it is imported; `buckets_meta` in its state.
"""

import logging
import os
import shutil
from pathlib import Path

from ministack.core.persistence import STATE_DIR, load_state

logger = logging.getLogger("s3")


def remove_unknown_buckets():
    """Remove the folders of buckets that the saved state does not have."""
    root = Path(os.environ["S3_DATA_DIR"])
    saved = load_state("s3")
    if saved is None and (file := Path(STATE_DIR, "s3.json")).exists():
        raise SystemExit(f"{file} cannot be read, so nobody knows which buckets are to be kept: "
                         "bring it back from a copy, or start anew with `cargo local destroy`.")
    known = set(((saved or {}).get("buckets_meta") or _Nothing)._data)
    for folder in [*root.glob("[0-9]*/*"), *root.glob(".versions/[0-9]*/*")]:
        if (folder.parent.name, folder.name) not in known:
            logger.warning("Removing bucket %s, made just before a crash", folder.name)
            shutil.rmtree(folder)


class _Nothing:
    _data = ()
