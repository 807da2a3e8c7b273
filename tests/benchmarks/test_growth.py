"""The soak test's verdict on what a server holds when all visitors have gone."""

from __future__ import annotations

import pytest

from benchmarks.growth import Holdings, mib_per_viewer, problems

CLEAN = {"rss_mib": 400.0, "children_mib": 16.0, "threads": 30, "files": 20, "sessions": 0,
         "streams": 0, "temporary": 0}  # fmt: skip


def empty(cycle: int, **held: float) -> Holdings:
    """Holdings after a cycle of 6 viewers."""
    values = {**CLEAN, **held}
    objects = {"LiveTrack": int(values.pop("tracks"))} if "tracks" in values else {}
    return Holdings(
        minute=cycle, phase="gone", viewers=6 * cycle, objects=objects, **values  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_server_that_holds_the_same_is_fine() -> None:
    rows = [empty(n) for n in range(1, 9)]
    assert mib_per_viewer(rows) == 0
    assert problems(rows) == []


def test_growth_during_the_warm_up_is_allowed() -> None:
    rows = [empty(n, rss_mib=400 + 100 * min(n, 3), threads=30 + min(n, 3)) for n in range(1, 9)]
    assert problems(rows) == []


def test_memory_that_grows_with_each_viewer_is_reported() -> None:
    rows = [empty(n, rss_mib=400 + 6 * n) for n in range(1, 9)]
    assert mib_per_viewer(rows) == pytest.approx(1)
    assert problems(rows) == ["Memory grew by 1.00 MiB per viewer; the limit is 0.5 MiB."]


def test_threads_that_grow_are_reported() -> None:
    rows = [empty(n, threads=30 + n) for n in range(1, 9)]
    assert problems(rows) == ["The number of threads grew from 33 to 38."]


@pytest.mark.parametrize(
    ("held", "what"),
    [
        ("sessions", "1 sessions"),
        ("streams", "1 streams"),
        ("temporary", "1 temporary files"),
        ("tracks", "1 LiveTrack"),
    ],
)
def test_what_is_kept_is_reported_even_once(held: str, what: str) -> None:
    assert problems([empty(1, **{held: 1})]) == [f"After 6 viewers, {what} are kept."]


def test_one_cycle_is_too_short_for_growth() -> None:
    assert mib_per_viewer([empty(1)]) is None
    assert problems([]) == []
