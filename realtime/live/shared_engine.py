"""The engine, the worker processes and the admission that all live streams of the process share.

By default, viewers are admitted while the machine carries them. An operator's limit comes on top:

    FACESTREAM_MAX_VIEWERS=8
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache

from realtime.core.errors import FaceStreamError
from realtime.engine.admission import Admission
from realtime.engine.engine import Engine
from realtime.live.worker_pool import WorkerPool

VARIABLE = "FACESTREAM_MAX_VIEWERS"


class ViewerLimitError(FaceStreamError, ValueError):
    """An invalid limit; the message is one sentence that says what is wrong."""


@cache
def shared_engine() -> Engine:
    """The engine, made at the first call."""
    return Engine()


@cache
def shared_workers() -> WorkerPool:
    """Worker processes, one for each lane of the engine; the first one starts at once."""
    workers = WorkerPool()
    workers.warm_up()
    return workers


@cache
def shared_admission() -> Admission:
    """Admission to the engine's streams, with the operator's limit.

    Raises:
        ViewerLimitError: the limit is invalid.
    """
    return Admission(max_viewers(os.environ), shared_engine().has_room, time.monotonic)


def max_viewers(environment: Mapping[str, str]) -> int | None:
    """Read the operator's limit; None where there is none.

    Raises:
        ViewerLimitError: it is not a whole number from 1.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ViewerLimitError(f"{VARIABLE} must be a whole number from 1.")
    return int(text)
