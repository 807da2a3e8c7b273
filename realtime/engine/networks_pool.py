"""Networks for many streams: one instance for each analysis that runs at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks


class NetworksPool:
    """Lends networks to one analysis at a time. Thread-safe.

    It grows with the streams up to `size`, so that each is ready before it is needed, and frees
    everything with the last stream.

    Args:
        size: number of instances kept; more are made only while more are lent.
        make: creates an instance.
    """

    def __init__(self, size: int, make: Callable[[], Networks] = Networks) -> None:
        self._size = size
        self._make = make
        self._lock = threading.Lock()
        self._free: list[Networks] = []
        self._streams = 0
        self._made = 0  # instances that exist

    def join(self, settings: AnalysisSettings) -> None:
        """Add a stream; loads and runs networks for it unless there are enough.

        Raises:
            ValueError, models.ModelError, FileNotFoundError: they cannot be loaded. The stream has
                not been added.
        """
        with self._lock:
            self._streams += 1
            needed = self._made < min(self._size, self._streams)
            self._made += needed
        if not needed:
            return
        try:
            networks = self._make()
            networks.warm_up(settings)
        except BaseException:
            with self._lock:
                self._streams -= 1
                self._made -= 1
            raise
        self._give_back(networks)

    def leave(self) -> None:
        """Remove a stream."""
        with self._lock:
            self._streams -= 1
            if self._streams == 0:
                self._made -= len(self._free)
                self._free.clear()

    @contextmanager
    def borrow(self) -> Iterator[Networks]:
        """Lend the networks used last: their weights are still in the CPU's cache."""
        with self._lock:
            networks = self._free.pop() if self._free else None
            self._made += networks is None
        networks = networks or self._make()
        try:
            yield networks
        finally:
            self._give_back(networks)

    def _give_back(self, networks: Networks) -> None:
        with self._lock:
            if self._streams and len(self._free) < self._size:
                self._free.append(networks)
            else:
                self._made -= 1
