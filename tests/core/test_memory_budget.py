"""Memory that many share: nothing is lost, and giving back never waits."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from realtime.core.memory_budget import MemoryBudget
from realtime.media.picture_errors import BusyError
from realtime.media.picture_memory import PictureMemory
from realtime.ui.upload_memory import MemoryFile, UploadBudget


@given(st.lists(st.integers(0, 60)))
def test_the_sum_of_what_is_in_use_never_exceeds_the_limit(sizes: list[int]) -> None:
    budget, taken = MemoryBudget(100), list[int]()
    for size in sizes:
        if budget.take(size):
            taken.append(size)
        elif taken:
            budget.give_back(taken.pop(0))
        assert budget.used_bytes == sum(taken) <= 100


def test_nothing_is_lost_between_threads() -> None:
    budget = MemoryBudget(1000)

    def use() -> None:
        for _ in range(2000):
            if budget.take(7):
                budget.give_back(7)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(use) for _ in range(4)]:
            done.result()
    assert budget.used_bytes == 0


@pytest.fixture
def constant_collection() -> Iterator[None]:
    """Garbage is collected at nearly every allocation, as it may be at any."""
    thresholds = gc.get_threshold()
    gc.freeze()  # collections need not visit all that other tests have loaded
    gc.set_threshold(1)
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def in_time(work: threading.Thread) -> bool:
    work.daemon = True  # one that waits for itself must not keep the test run alive
    work.start()
    work.join(20)
    return not work.is_alive()


@pytest.mark.usefixtures("constant_collection")
def test_an_upload_collected_while_another_is_refused_does_not_block_the_server() -> None:
    budget = UploadBudget(total_bytes=100)

    def refuse() -> None:
        for _ in range(200):
            lost = [MemoryFile(budget)]
            lost[0].write(bytes(60))
            lost.append(lost)  # type: ignore[arg-type]
            del lost
            with pytest.raises(HTTPException):
                budget.take(101, 0)

    assert in_time(threading.Thread(target=refuse))
    gc.collect()
    assert budget.used_bytes == 0


@pytest.mark.usefixtures("constant_collection")
def test_pictures_collected_while_another_is_allocated_are_counted_once() -> None:
    memory = PictureMemory(max_bytes=100, wait_s=0)

    def allocate() -> None:
        for _ in range(200):
            lost: list[object] = [memory.allocate(60)]
            lost.append(lost)
            del lost
            try:
                memory.allocate(100)
            except BusyError:
                gc.collect()

    assert in_time(threading.Thread(target=allocate))
    gc.collect()
    assert memory.used_bytes == 0
