"""Starting a stream for a viewer who pressed Start and had to wait for a place."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

MOUNT_S = 1.0  # a player that is told to start when it appears never connects
PATIENCE_S = 15.0  # then the viewer can press Start again


class AutoStart:
    """Remembers in the session that the viewer waits, and then starts the player.

    Args:
        state: the session's state.
        key: key of the stream in it.
    """

    def __init__(self, state: MutableMapping[Any, Any], key: str) -> None:
        self._state, self._waiting, self._turn = state, f"{key}-waiting", f"{key}-turn"

    @property
    def waiting(self) -> bool:
        """Whether the viewer has pressed Start and waits."""
        return self._waiting in self._state

    @property
    def pending(self) -> bool:
        """Whether the player is to start, or has been told to and does not yet."""
        return self._turn in self._state

    def wait(self) -> None:
        """The viewer has pressed Start, but there is no place."""
        self._state[self._waiting] = True

    def admit(self) -> None:
        """There is a place for the viewer."""
        if self._state.pop(self._waiting, False):
            self._state[self._turn] = None

    def desired(self, *, connecting: bool) -> bool | None:
        """What to tell the player, which is on the page: True to start, None to leave it alone.

        Args:
            connecting: whether the player has begun to connect.
        """
        if not self.pending:
            return None
        now_s = time.monotonic()
        if self._state[self._turn] is None:
            self._state[self._turn] = now_s  # the player appears
        shown_s = now_s - self._state[self._turn]
        if connecting or shown_s > PATIENCE_S:
            del self._state[self._turn]
            return None
        return True if shown_s >= MOUNT_S else None

    def outdated(self, told: bool | None) -> bool:
        """Whether the player must be told something else than in the latest run of the page."""
        return self.pending and self.desired(connecting=False) != told
