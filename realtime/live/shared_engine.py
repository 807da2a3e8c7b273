"""The engine, the worker processes and the admission that all live streams of the process share.

By default, viewers are admitted while the machine carries them. The operator's limit, the setting
`max_viewers`, comes on top.
"""

from __future__ import annotations

import time
from functools import cache

from realtime.config import settings
from realtime.engine.admission import Admission
from realtime.engine.engine import Engine
from realtime.live.metrics import watch_admission
from realtime.live.worker_pool import WorkerPool


@cache
def shared_engine() -> Engine:
    """The engine, made at the first call."""
    return Engine(settings().cores)


@cache
def shared_workers() -> WorkerPool:
    """Worker processes, one for each lane of the engine; the first one starts at once."""
    workers = WorkerPool()
    workers.warm_up()
    return workers


@cache
def shared_admission() -> Admission:
    """Admission to the engine's streams, with the operator's limit."""
    room = shared_engine().has_room if settings().admit_by_load else _always
    admission = Admission(settings().max_viewers, room, time.monotonic)
    watch_admission(admission)
    return admission


def _always(more: int) -> bool:
    return True
