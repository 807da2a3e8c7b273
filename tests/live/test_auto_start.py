"""A stream starts by itself for a viewer who pressed Start and had to wait."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.live import auto_start
from realtime.live.auto_start import MOUNT_S, PATIENCE_S, AutoStart


class Session:
    """A session whose clock the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        self.state: dict[Any, Any] = {}
        monkeypatch.setattr(auto_start.time, "monotonic", lambda: self.now_s)

    @property
    def auto_start(self) -> AutoStart:
        return AutoStart(self.state, "live")

    def run(self, *, connecting: bool = False) -> bool | None:
        return self.auto_start.desired(connecting=connecting)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(monkeypatch)


def test_the_player_starts_once_it_has_appeared_and_is_then_left_alone(session: Session) -> None:
    session.auto_start.wait()
    assert session.auto_start.waiting
    session.now_s += 60
    session.auto_start.admit()
    assert session.run() is None
    assert not session.auto_start.outdated(None)
    session.now_s += MOUNT_S
    assert session.auto_start.outdated(None)
    assert session.run() is True
    assert not session.auto_start.outdated(True)
    assert session.run(connecting=True) is None
    assert not session.auto_start.pending
    assert session.run() is None
    assert session.state == {}


def test_who_has_not_pressed_start_has_to(session: Session) -> None:
    session.auto_start.admit()
    assert not session.auto_start.pending
    assert session.run() is None


def test_a_camera_that_does_not_start_gives_the_button_back(session: Session) -> None:
    session.auto_start.wait()
    session.auto_start.admit()
    session.run()
    session.now_s += MOUNT_S
    assert session.run() is True
    session.now_s += PATIENCE_S
    assert session.run() is None
    assert not session.auto_start.pending
