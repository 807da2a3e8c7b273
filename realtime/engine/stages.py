"""Timing the stages of an analysis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


@contextmanager
def timed(timings_ms: dict[str, float], stage: str) -> Iterator[None]:
    """Write how long the block took, in milliseconds, under the stage's name."""
    start = perf_counter()
    yield
    timings_ms[stage] = (perf_counter() - start) * 1e3
