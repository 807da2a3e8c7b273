"""Starting a stream for a viewer who pressed Start and had to wait for a place."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

PATIENCE_S = 15.0  # then the viewer can press Start again


@dataclass(slots=True)
class _Waited:
    """Whose turn has come; the player must be on the page before it can be told to start."""

    until_s: float
    shown: bool = False


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
        """Whether the player is to be told to start in the next run of the page."""
        return self._turn in self._state

    def wait(self) -> None:
        """The viewer has pressed Start, but there is no place."""
        self._state[self._waiting] = True

    def admit(self) -> None:
        """There is a place for the viewer."""
        if self._state.pop(self._waiting, False):
            self._state[self._turn] = _Waited(time.monotonic() + PATIENCE_S)

    def desired(self, *, connecting: bool) -> bool | None:
        """What to tell the player: True to start, None to leave it to the viewer.

        Args:
            connecting: whether the player has begun to connect.
        """
        turn: _Waited | None = self._state.get(self._turn)
        if turn is None:
            return None
        if connecting or time.monotonic() > turn.until_s:
            del self._state[self._turn]
            return None
        shown, turn.shown = turn.shown, True
        return True if shown else None  # on its very first run a player never connects
