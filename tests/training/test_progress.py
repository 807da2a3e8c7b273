"""Progress in log files: few lines, which say how long it still takes."""

from __future__ import annotations

import io

import pytest

from training.progress import Lines, duration, over


def test_a_line_every_half_minute_with_the_time_left() -> None:
    out, now = io.StringIO(), [0.0]
    bar = Lines(100, "training", out=out, clock=lambda: now[0])
    now[0] = 20.0  # the first step compiles, and does not count for the speed
    bar.update()
    for _ in range(50):
        now[0] += 1
        bar.update()
    bar.write("epoch 1: loss 0.5")
    bar.close()
    assert out.getvalue().splitlines() == [
        "training: 11%, 11 of 100, 30 s gone, 89 s left",
        "training: 41%, 41 of 100, 60 s gone, 59 s left",
        "epoch 1: loss 0.5",
        "training: 51%, 51 of 100, 70 s gone, 49 s left",
    ]


def test_a_job_that_goes_on_counts_what_was_done_but_not_its_time() -> None:
    out, now = io.StringIO(), [100.0]
    bar = Lines(10, "training", initial=6, out=out, clock=lambda: now[0])
    for _ in range(2):
        now[0] += 40
        bar.update()
    bar.close()
    assert out.getvalue().splitlines() == [
        "training: 70%, 7 of 10, 40 s gone",
        "training: 80%, 8 of 10, 80 s gone, 80 s left",
    ]


def test_what_ends_at_once_is_told_once_and_nothing_of_nothing() -> None:
    out = io.StringIO()
    for steps in (0, 3):
        bar = Lines(steps, "cut", out=out, clock=lambda: 0.0)
        for _ in range(steps):
            bar.update()
        bar.close()
    assert out.getvalue() == "cut: 100%, 3 of 3, 0 s gone\n"


def test_items_come_through_and_a_failure_tells_how_far_it_came(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(over("abc", 3, "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err == "letters: 100%, 3 of 3, 0 s gone\n"
    with pytest.raises(ZeroDivisionError):
        list(over((1 / n for n in (1, 0, 2)), 3, "numbers"))
    assert capsys.readouterr().err == "numbers: 33%, 1 of 3, 0 s gone\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99.4, "99 s"), (99.6, "2 min"), (5939, "99 min"), (11100, "3 h 05 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
