"""The machine's clock is set while streams run: only the monotonic clock counts."""

from __future__ import annotations

import asyncio
import datetime
import time

import aioice.ice
import pytest
from aiortc import clock
from av import VideoFrame

from realtime.web.budget import Budget
from realtime.web.errors import RequestError
from tests.live.test_bad_networks import Numbered, stream

HOUR_S = 3600.0


def jump(monkeypatch: pytest.MonkeyPatch, by_s: float) -> None:
    """Set the machine's clock forward or back."""
    now, today = time.time, clock.current_datetime
    monkeypatch.setattr(time, "time", lambda: now() + by_s)
    monkeypatch.setattr(
        clock, "current_datetime", lambda: today() + datetime.timedelta(seconds=by_s)
    )


@pytest.mark.serial
@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S])
def test_a_stream_goes_on(monkeypatch: pytest.MonkeyPatch, by_s: float) -> None:
    recv = Numbered.recv

    async def jumping(self: Numbered) -> VideoFrame:
        if self.sent == 20:
            jump(monkeypatch, by_s)
        return await recv(self)

    monkeypatch.setattr(Numbered, "recv", jumping)
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda *_, **__: ["127.0.0.1"])
    _, grey = asyncio.run(stream(60))
    assert len(grey) == 60


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S])
def test_a_client_is_refused_no_longer_than_before(
    monkeypatch: pytest.MonkeyPatch, by_s: float
) -> None:
    budget = Budget(pictures=1)
    budget.charge("a", pictures=1, pixels=1)
    with pytest.raises(RequestError):
        budget.charge("a", pictures=1, pixels=1)
    jump(monkeypatch, by_s)
    later = time.time
    monkeypatch.setattr(time, "time", lambda: later() + 121)
    budget.charge("a", pictures=1, pixels=1)
