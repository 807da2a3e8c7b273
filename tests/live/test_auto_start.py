"""A stream starts by itself for a viewer who pressed Start and had to wait."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.live import auto_start
from realtime.live.auto_start import PATIENCE_S, AutoStart


def test_the_player_starts_once_it_is_on_the_page_and_is_then_left_alone() -> None:
    state: dict[Any, Any] = {}
    AutoStart(state, "live").wait()
    assert AutoStart(state, "live").waiting
    AutoStart(state, "live").admit()
    runs = [False, False, False, True, False]
    desired = [AutoStart(state, "live").desired(connecting=connecting) for connecting in runs]
    assert desired == [None, True, True, None, None]
    assert state == {}


def test_who_has_not_pressed_start_has_to() -> None:
    state: dict[Any, Any] = {}
    AutoStart(state, "live").admit()
    assert not AutoStart(state, "live").pending
    assert AutoStart(state, "live").desired(connecting=False) is None


def test_a_camera_that_does_not_start_gives_the_button_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state: dict[Any, Any] = {}
    AutoStart(state, "live").wait()
    AutoStart(state, "live").admit()
    now_s = auto_start.time.monotonic()
    assert AutoStart(state, "live").desired(connecting=False) is None
    assert AutoStart(state, "live").desired(connecting=False) is True
    monkeypatch.setattr(auto_start.time, "monotonic", lambda: now_s + PATIENCE_S + 1)
    assert AutoStart(state, "live").desired(connecting=False) is None
    assert not AutoStart(state, "live").pending
