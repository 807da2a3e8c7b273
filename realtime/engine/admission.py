"""Who may start a live stream: a limit, the measured load, and a queue with places."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

KEPT_S = 30.0  # a place for whoever's turn it is, or whose connection broke off
GONE_S = 10.0  # a waiting page asks every second; one that has not for this long was closed
MAX_WAITING = 100  # further ones are told the last place


class Viewer(Protocol):
    """What admission knows of a stream.

    Attributes:
        broke_off_s: when its connection was lost, on the clock of the admission, if that ended it,
            so that it may come back; otherwise None.
    """

    broke_off_s: float | None

    @property
    def ended(self) -> bool:
        """Whether the stream is over."""
        ...


@dataclass(slots=True)
class _Place:
    """A place that is taken: by a stream that runs, or until `kept_until_s`."""

    kept_until_s: float
    viewer: weakref.ref[Viewer] | None = None

    @property
    def is_running(self) -> bool:
        viewer = self._stream()
        return viewer is not None and not viewer.ended

    def renew(self, now_s: float) -> bool:
        """Whether the place is still taken."""
        viewer = self._stream()
        if self.is_running:
            return True
        if self.viewer is not None:
            if viewer is None or viewer.broke_off_s is None:
                return False
            self.kept_until_s = viewer.broke_off_s + KEPT_S
        return now_s < self.kept_until_s

    def _stream(self) -> Viewer | None:
        return None if self.viewer is None else self.viewer()


class Admission:
    """Admits viewers in the order in which they came. Thread-safe.

    Args:
        max_viewers: the operator's limit; None: only the load counts.
        room: whether the machine carries so many viewers more than it does now.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, max_viewers: int | None, room: Callable[[int], bool], clock: Callable[[], float]
    ) -> None:
        self._max_viewers, self._room, self._clock = max_viewers, room, clock
        self._lock = threading.Lock()
        self._places: dict[Hashable, _Place] = {}
        self._waiting: dict[Hashable, float] = {}  # in order; when each asked last

    def ask(self, key: Hashable, *, starting: bool) -> int:
        """Ask for a place, or again whether it is one's turn; a waiting page asks every second.

        Args:
            key: the viewer.
            starting: whether the stream starts now; otherwise a place is kept only for who waited.

        Returns:
            0 if the stream may start, otherwise the place in the queue, from 1.
        """
        now_s = self._clock()
        with self._lock:
            self._forget_gone(now_s)
            if key in self._places:
                return 0
            first = next(iter(self._waiting), key)
            if first == key and self._is_free():
                waited = self._waiting.pop(key, None) is not None
                if starting or waited:
                    self._places[key] = _Place(now_s + KEPT_S)
                return 0
            if key in self._waiting or len(self._waiting) < MAX_WAITING:
                self._waiting[key] = now_s
                return list(self._waiting).index(key) + 1
            return MAX_WAITING + 1

    @property
    def viewers(self) -> int:
        """Number of places that are taken."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        """Length of the queue."""
        return len(self._waiting)

    def has_room(self) -> bool:
        """Whether a viewer who comes now could start at once."""
        with self._lock:
            self._forget_gone(self._clock())
            return not self._waiting and self._is_free()

    def started(self, key: Hashable, viewer: Viewer) -> None:
        """Let the viewer who was admitted hold the place until the stream ends."""
        with self._lock:
            self._places[key] = _Place(self._clock() + KEPT_S, weakref.ref(viewer))

    def _is_free(self) -> bool:
        if self._max_viewers is not None and len(self._places) >= self._max_viewers:
            return False
        kept = sum(not place.is_running for place in self._places.values())
        return self._room(kept + 1)

    def _forget_gone(self, now_s: float) -> None:
        for key, place in list(self._places.items()):
            if not place.renew(now_s):
                del self._places[key]
        for key, asked_s in list(self._waiting.items()):
            if now_s - asked_s > GONE_S:
                del self._waiting[key]
