"""Snapshots of a live stream, copied only on request."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from realtime.core.faces import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One frame, with and without annotations.

    Attributes:
        annotated_bgr: (h, w, 3) uint8, as the viewer sees it.
        clean_bgr: (h, w, 3) uint8, without drawings; its faces are hidden if `hidden`.
        hidden: whether hiding was on when it was taken.
    """

    annotated_bgr: Frame
    clean_bgr: Frame
    hidden: bool


class SnapshotRequests:
    """Passes the next frame from the stream's thread to all pending requests. Thread-safe.

    Without a request, a frame costs one check of `pending`.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = 0
        self._latest: tuple[int, Snapshot] | None = None
        self._count = 0
        self._closed = False

    @property
    def pending(self) -> bool:
        """Whether anybody waits for a frame."""
        return self._waiting > 0

    def request(self, *, timeout_s: float) -> Snapshot | None:
        """Wait for the next frame; None if it does not arrive in time or the stream ends."""
        with self._changed:
            before, self._waiting = self._count, self._waiting + 1
            self._changed.wait_for(lambda: self._count > before or self._closed, timeout_s)
            self._waiting -= 1
            snapshot = self._latest[1] if self._latest and self._latest[0] > before else None
            if not self._waiting:
                self._latest = None  # later requests must not get an old frame
            return snapshot

    def fulfil(self, snapshot: Snapshot) -> None:
        """Answer all pending requests."""
        with self._changed:
            self._count += 1
            self._latest = (self._count, snapshot) if self._waiting else None
            self._changed.notify_all()

    def close(self) -> None:
        """Answer all pending and future requests with None."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
