"""What the server and a worker process send to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from realtime.core.faces import FrameResult
from realtime.media.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Shared:
    """An array that lies in the stream's slot.

    Attributes:
        slot: name of the slot.
        size: bytes of each of its parts.
        part: which part.
        shape: of the array.
    """

    slot: str
    size: int
    part: int
    shape: tuple[int, ...]


Sent = Shared | Pixels  # the array itself where there is no shared memory


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WorkerFrame:
    """A frame that a worker has processed; see `realtime.live.frame_processor.ProcessedFrame`.

    Attributes:
        result, picture, changed, clean: as there.
        problem: a message for the viewer; None if all is well.
        failed: whether the analysis failed.
    """

    result: FrameResult | None
    picture: Sent | None
    changed: Sent | None
    clean: Pixels | None
    problem: str | None
    failed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A worker's answer to a request.

    Attributes:
        value: what the method returned, or the exception that it raised.
        cpu_s: CPU time that it took.
    """

    value: Any
    cpu_s: float
