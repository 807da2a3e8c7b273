"""The scheduler's figures on a thread."""

from __future__ import annotations

import pytest

from realtime.core import threads
from realtime.core.threads import WaitShare


class Figures:
    """Stands for the file with a thread's figures: nanoseconds run, nanoseconds waited."""

    text = ""

    def __init__(self, _path: str) -> None:
        pass

    def read_text(self) -> str:
        if not self.text:
            raise FileNotFoundError
        return self.text


def test_share_of_waiting_since_the_last_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "Path", Figures)
    share, seen = WaitShare(), []
    for text in ("100 300 1", "100 300 1", "400 400 2", "", "400 500 3"):
        Figures.text = text
        seen.append(share(1))
    assert seen == [0.75, 0.75, 0.25, 0.0, 1.0]


def test_a_thread_of_this_process_has_a_share() -> None:
    import threading

    assert 0 <= WaitShare()(threading.get_native_id()) <= 1
    assert WaitShare()(2**30) == 0.0
