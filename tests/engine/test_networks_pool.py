"""Networks that many streams share: how many are made, for whom, and when they are freed."""

from __future__ import annotations

import gc
import weakref
from typing import ClassVar

import pytest

from realtime.core.settings import AnalysisSettings
from realtime.engine.networks_pool import NetworksPool

SETTINGS = AnalysisSettings()


class FakeNetworks:
    """Counts its instances and what they were warmed up for."""

    alive: ClassVar[weakref.WeakSet[FakeNetworks]] = weakref.WeakSet()
    error: ClassVar[Exception | None] = None

    def __init__(self) -> None:
        self.warm: list[AnalysisSettings] = []
        self.alive.add(self)

    def warm_up(self, settings: AnalysisSettings) -> None:
        if FakeNetworks.error is not None:
            raise FakeNetworks.error
        self.warm.append(settings)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> NetworksPool:
    monkeypatch.setattr(FakeNetworks, "alive", weakref.WeakSet())
    monkeypatch.setattr(FakeNetworks, "error", None)
    return NetworksPool(2, FakeNetworks)  # type: ignore[arg-type]


def test_there_are_never_more_networks_than_simultaneous_analyses(pool: NetworksPool) -> None:
    counts = []
    for _ in range(5):
        pool.join(SETTINGS)
        counts.append(len(FakeNetworks.alive))
    assert counts == [1, 2, 2, 2, 2]
    assert all(networks.warm == [SETTINGS] for networks in FakeNetworks.alive)


def test_one_stream_always_gets_the_same_networks(pool: NetworksPool) -> None:
    pool.join(SETTINGS)
    pool.join(SETTINGS)
    with pool.borrow() as first:
        pass
    for _ in range(3):
        with pool.borrow() as again:
            assert again is first


def test_no_networks_are_lent_twice(pool: NetworksPool) -> None:
    pool.join(SETTINGS)
    with pool.borrow() as first, pool.borrow() as second, pool.borrow() as third:
        assert len({id(networks) for networks in (first, second, third)}) == 3
    del first, second, third
    gc.collect()
    assert len(FakeNetworks.alive) == 2  # the rest is not kept


def test_the_last_stream_frees_everything_also_what_is_lent(pool: NetworksPool) -> None:
    for _ in range(50):
        pool.join(SETTINGS)
    with pool.borrow():
        for _ in range(50):
            pool.leave()
    gc.collect()
    assert len(FakeNetworks.alive) == 0
    pool.join(SETTINGS)
    assert len(FakeNetworks.alive) == 1


def test_networks_that_cannot_be_loaded_are_tried_again_by_the_next_stream(
    pool: NetworksPool,
) -> None:
    FakeNetworks.error = FileNotFoundError("The network x is missing.")
    with pytest.raises(FileNotFoundError):
        pool.join(SETTINGS)
    FakeNetworks.error = None
    pool.join(SETTINGS)
    with pool.borrow() as networks:
        assert networks.warm == [SETTINGS]  # type: ignore[attr-defined]
