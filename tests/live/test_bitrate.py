"""The bit rate follows the network in few steps; the budget limits what is sent at once."""

from __future__ import annotations

import pytest

from realtime.live.bitrate import (
    INCREASE_AFTER_S,
    MAX_BACKLOG_S,
    MAX_HOLD_S,
    MIN_BPS,
    BitrateLimits,
    SendBudget,
    SteadyBitrate,
)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_bit_rate_falls_at_once_and_rises_in_steps() -> None:
    clock = Clock()
    rate = SteadyBitrate(BitrateLimits(), clock)
    assert rate.bps == 500_000
    rate.follow(470_000)
    assert rate.bps == 500_000  # not worth a key frame
    rate.follow(250_000)
    assert rate.bps == 250_000
    rate.follow(500_000)
    assert rate.bps == 250_000  # too soon
    clock.now_s += INCREASE_AFTER_S
    rate.follow(300_000)
    assert rate.bps == 250_000
    rate.follow(400_000)
    assert rate.bps == 400_000


@pytest.mark.parametrize(("reported", "expected"), [(0, MIN_BPS), (10**9, 1_500_000)])
def test_the_bit_rate_has_bounds(reported: int, expected: int) -> None:
    clock = Clock()
    rate = SteadyBitrate(BitrateLimits(), clock)
    clock.now_s += INCREASE_AFTER_S
    rate.follow(reported)
    assert rate.bps == expected
    rate.follow(reported)
    assert rate.bps == expected


def test_nothing_is_held_back_before_the_first_report() -> None:
    budget = SendBudget(Clock())
    budget.spend(10**7)
    assert budget.may_send
    assert budget.may_retransmit


def test_a_large_frame_holds_back_the_next_until_the_network_has_taken_it() -> None:
    clock = Clock()
    budget = SendBudget(clock)
    budget.set_target(300_000)
    budget.spend(1000)
    assert budget.may_send
    budget.spend(20_000, packets=16)
    assert not budget.may_send
    assert not budget.may_retransmit
    clock.now_s += 0.25
    assert budget.may_retransmit  # a lost packet is worth more than a new frame
    assert not budget.may_send
    clock.now_s += MAX_BACKLOG_S + 0.2
    assert budget.may_send


def test_the_budget_never_falls_to_nothing() -> None:
    clock = Clock()
    budget = SendBudget(clock)
    budget.set_target(0)
    budget.spend(1000)
    clock.now_s += 0.1
    assert budget.may_send


def test_even_a_huge_frame_holds_the_stream_back_for_a_second_only() -> None:
    clock = Clock()
    budget = SendBudget(clock)
    budget.set_target(150_000)
    budget.spend(10**7)
    clock.now_s += MAX_HOLD_S
    assert budget.may_send
