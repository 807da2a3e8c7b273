"""The track of a browser's camera or microphone, with a bounded queue."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc.rtcrtpreceiver import RemoteStreamTrack

# All frames that were decoded while the event loop was busy arrive before the reader's turn.
MAX_FRAMES = {"video": 8, "audio": 100}  # 0.3 s at 30 fps; 2 s


class LatestFrames(asyncio.Queue[Any]):
    """A queue that drops its oldest item where it is full."""

    async def put(self, item: Any) -> None:
        """Append an item; never waits."""
        if self.full():
            self.get_nowait()
        self.put_nowait(item)


class BoundedRemoteTrack(RemoteStreamTrack):
    """aiortc's queue grows for as long as nobody reads the track.

    Args:
        kind: "audio" or "video".
        id: identifier of the track; None for a new one.
    """

    def __init__(self, kind: str, id: str | None = None) -> None:
        super().__init__(kind, id)
        self._queue = LatestFrames(MAX_FRAMES[kind])
