"""The summary of a stream over an impaired link."""

from __future__ import annotations

import pytest

from benchmarks.network_links import report_links, seen, summary


def log(since_ms: int, until_ms: int, step_ms: int, delay_ms: float = 0) -> list[list[float]]:
    """Frames numbered by their time at the camera, shown later."""
    return [[t + delay_ms, t // 40] for t in range(since_ms, until_ms, step_ms)]


def test_each_phase_has_its_figures() -> None:
    camera = log(0, 16_000, 40)
    shown = [
        *log(0, 5000, 40, 20),
        *log(5000, 8000, 120, 300),  # fewer and later
        *log(8000, 9000, 200, 20),  # not back yet
        *log(9000, 16_000, 40, 20),
    ]
    row = summary(camera, shown, [0, 5000, 8000, 16_000])
    assert row["fps_before"] == pytest.approx(25, abs=0.5)
    assert row["fps"] == pytest.approx(25 / 3, abs=1)
    assert row["seen"] == "jerky"
    assert row["before_ms"]["p50"] == pytest.approx(20)
    assert row["during_ms"]["p50"] == pytest.approx(300)
    assert row["after_ms"]["p50"] == pytest.approx(20)
    assert 0.7 <= row["back_s"] <= 1.1
    assert "| jerky |" in report_links([{"link": "slow", **row}])[2]


def test_a_stream_that_dies_has_no_figures() -> None:
    row = summary(log(0, 9000, 40), log(0, 2000, 40, 20), [0, 2000, 5000, 9000])
    assert row["seen"] == "frozen"
    assert row["during_ms"] is row["after_ms"] is row["back_s"] is None
    assert report_links([{"link": "cut", **row}])[2].endswith("| – | – | – | – |")


@pytest.mark.parametrize(
    ("fps", "delay_ms", "word"),
    [(30, 50, "smooth"), (15, 50, "choppy"), (5, 50, "jerky"), (30, 900, "smooth, late"),
     (0.5, 50, "frozen"), (0, None, "frozen")],
)  # fmt: skip
def test_the_word_follows_from_rate_and_delay(
    fps: float, delay_ms: float | None, word: str
) -> None:
    assert seen(fps, delay_ms) == word
