"""Blinks: each closing and opening of the eyes counts once, and nothing else does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from realtime.landmark.blink import MAX_BLINK_S, BlinkCounter

OPEN, SHUT = 0.3, 0.14


def counted(openness: list[float], fps: float = 30) -> int:
    counter = BlinkCounter()
    for i, value in enumerate(openness):
        counter.update(value, i / fps)
    return counter.count


def blinks(count: int, fps: float = 30, usual: float = OPEN, shut: float = SHUT) -> list[float]:
    """A second with open eyes, then so many blinks of 0.15 s, one a second."""
    values = [usual] * round(fps)
    for _ in range(count):
        values += [shut] * max(1, round(0.15 * fps)) + [usual] * round(0.85 * fps)
    return values


@pytest.mark.parametrize("fps", [10, 15, 24, 30, 60])
def test_each_blink_counts_once_at_any_frame_rate(fps: float) -> None:
    assert counted(blinks(7, fps), fps) == 7


@pytest.mark.parametrize("usual", [0.2, 0.25, 0.4])
def test_narrow_and_wide_eyes_blink_too(usual: float) -> None:
    assert counted(blinks(5, usual=usual, shut=0.45 * usual)) == 5


def test_jitter_of_open_eyes_is_not_a_blink() -> None:
    noise = np.random.default_rng(0).normal(0, 0.008, 900)
    assert counted((OPEN + noise).tolist()) == 0


def test_slowly_narrowing_eyes_are_not_a_blink() -> None:
    down = np.linspace(0.34, 0.2, 150)  # five seconds
    assert counted([*down.tolist(), *down[::-1].tolist()]) == 0


def test_eyes_that_stay_closed_are_not_a_blink() -> None:
    asleep = [SHUT] * round((MAX_BLINK_S + 0.5) * 30)
    assert counted([OPEN] * 30 + asleep) == 0
    assert counted([OPEN] * 30 + asleep + [OPEN] * 30) == 0
    assert counted([OPEN] * 30 + asleep + blinks(2)) == 2


def test_a_blink_counts_when_the_eyes_open_again() -> None:
    counter = BlinkCounter()
    for i in range(30):
        counter.update(OPEN, i / 30)
    assert counter.update(SHUT, 1.0) == 0
    assert counter.closed
    assert counter.update(OPEN, 1.1) == 1
    assert not counter.closed


def test_unknown_openness_changes_nothing() -> None:
    counter = BlinkCounter()
    for i, value in enumerate([OPEN, math.nan, OPEN, math.inf, OPEN]):
        assert counter.update(value, i / 30) == 0
    assert not counter.closed


def test_repeated_timestamps_are_accepted() -> None:
    counter = BlinkCounter()
    for value in (OPEN, OPEN, SHUT, OPEN):
        counter.update(value, 5.0)
    assert counter.count == 1
