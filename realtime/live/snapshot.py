"""Stills of a live stream, made only when somebody asks for one."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from realtime.core.faces import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One frame twice.

    Attributes:
        annotated_bgr: (h, w, 3) uint8, as the viewer sees it.
        clean_bgr: (h, w, 3) uint8, with nothing drawn on it; its faces are hidden if `hidden`.
        hidden: whether faces were to be hidden when it was taken.
    """

    annotated_bgr: Frame
    clean_bgr: Frame
    hidden: bool


class SnapshotDesk:
    """Where any thread asks for the next frame and the stream's thread brings it.

    While nobody asks, a frame costs the look at one flag.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = 0
        self._newest: tuple[int, Snapshot] | None = None
        self._count = 0
        self._closed = False

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a frame."""
        return self._waiting > 0

    def ask(self, *, timeout_s: float) -> Snapshot | None:
        """Wait for the next frame; None where none comes in time or the stream is over."""
        with self._changed:
            before, self._waiting = self._count, self._waiting + 1
            self._changed.wait_for(lambda: self._count > before or self._closed, timeout_s)
            self._waiting -= 1
            given = self._newest[1] if self._newest and self._newest[0] > before else None
            if not self._waiting:
                self._newest = None  # nobody else is to get an old picture
            return given

    def give(self, snapshot: Snapshot) -> None:
        """Answer all who wait."""
        with self._changed:
            self._count += 1
            self._newest = (self._count, snapshot) if self._waiting else None
            self._changed.notify_all()

    def close(self) -> None:
        """Answer all who wait, and whoever asks later, with nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
