"""Progress lines in log files."""

from __future__ import annotations

import io

import pytest

from training.progress import Lines, duration, over


def test_one_line_every_half_minute_with_the_time_left() -> None:
    out, now = io.StringIO(), [0.0]
    bar = Lines(100, "training", out=out, clock=lambda: now[0])
    now[0] = 20.0  # the first step also compiles, so it does not count for the speed
    bar.update()
    for _ in range(50):
        now[0] += 1
        bar.update()
    bar.write("epoch 1: loss 0.5")
    bar.close()
    assert out.getvalue().splitlines() == [
        "training: 11%, 11 of 100, 30 s elapsed, 89 s left",
        "training: 41%, 41 of 100, 60 s elapsed, 59 s left",
        "epoch 1: loss 0.5",
        "training: 51%, 51 of 100, 70 s elapsed, 49 s left",
    ]


def test_resumed_job_counts_earlier_steps_but_not_their_time() -> None:
    out, now = io.StringIO(), [100.0]
    bar = Lines(10, "training", initial=6, out=out, clock=lambda: now[0])
    for _ in range(2):
        now[0] += 40
        bar.update()
    bar.close()
    assert out.getvalue().splitlines() == [
        "training: 70%, 7 of 10, 40 s elapsed",
        "training: 80%, 8 of 10, 80 s elapsed, 80 s left",
    ]


def test_short_job_prints_one_line_and_empty_job_none() -> None:
    out = io.StringIO()
    for steps in (0, 3):
        bar = Lines(steps, "cut", out=out, clock=lambda: 0.0)
        for _ in range(steps):
            bar.update()
        bar.close()
    assert out.getvalue() == "cut: 100%, 3 of 3, 0 s elapsed\n"


def test_over_yields_all_items_and_shows_progress_on_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(over("abc", 3, "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err == "letters: 100%, 3 of 3, 0 s elapsed\n"
    with pytest.raises(ZeroDivisionError):
        list(over((1 / n for n in (1, 0, 2)), 3, "numbers"))
    assert capsys.readouterr().err == "numbers: 33%, 1 of 3, 0 s elapsed\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99.4, "99 s"), (99.6, "2 min"), (5939, "99 min"), (11100, "3 h 05 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
