"""The engine that divides the CPU among streams, on a machine whose time the test sets."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.engine.budget import MIN_SHARE, UTILIZATION, CpuBudget, usable_cores
from realtime.engine.pace import MAX_INTERVAL_S
from realtime.engine.shares import fair_shares
from realtime.engine.turns import STUCK_S, Turns
from tests.engine.fakes import PERIOD_S, Machine

SETTLE_S = 6.0
DEMANDS = st.lists(st.floats(0, 4, allow_nan=False), min_size=1, max_size=20)


# Shares.


@given(DEMANDS, st.floats(0, 8))
def test_shares_are_fair_and_never_exceed_budget_or_demand(
    demands: list[float], budget: float
) -> None:
    shares = fair_shares(demands, budget)
    assert sum(shares) == pytest.approx(min(budget, sum(demands)))
    largest = max(shares)
    for share, demand in zip(shares, demands, strict=True):
        assert share <= demand
        assert share == pytest.approx(demand) or share == pytest.approx(largest)


def test_nobody_shares_nothing() -> None:
    assert fair_shares([], 1.0) == []


# Streams.


def test_a_single_viewer_has_every_frame_analysed() -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), 1)
    assert machine.play(seats, [0.01], 10) == [300]
    assert not seats[0].paced


@pytest.mark.parametrize("streams", [8, 12, 20])
def test_equal_streams_get_equal_shares_within_the_budget(streams: int) -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), streams)
    costs = [0.01] * streams
    machine.play(seats, costs, SETTLE_S, picture_s=0.001)
    start_s, start_cpu_s = machine.now_s, machine.cpu_s
    counts = machine.play(seats, costs, 10, picture_s=0.001)
    assert max(counts) - min(counts) <= 2
    assert all(seat.paced for seat in seats)
    used = (machine.cpu_s - start_cpu_s) / (machine.now_s - start_s)
    assert used <= 1.02 * UTILIZATION * 2
    assert used > 0.9 * UTILIZATION * 2


def test_a_crowded_stream_does_not_slow_the_others() -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), 4)
    costs = [0.006, 0.006, 0.006, 0.06]  # sixteen faces in the last
    machine.play(seats, costs, SETTLE_S)
    counts = machine.play(seats, costs, 10)
    assert counts[:3] == [300] * 3
    assert 0.9 * (1.8 - 0.54) < counts[3] * 0.06 / 10 <= 1.02 * (1.8 - 0.54)


def test_analyses_are_evenly_spaced_and_never_further_apart_than_the_longest_interval() -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), 60)
    machine.play(seats, [0.05] * 60, SETTLE_S)
    frames = [machine.play(seats, [0.05] * 60, PERIOD_S)[0] for _ in range(120)]
    gaps = np.diff(np.flatnonzero(frames)) * PERIOD_S
    assert gaps.min() > 0.8 * MAX_INTERVAL_S
    assert gaps.max() < MAX_INTERVAL_S + 2 * PERIOD_S


def test_who_stays_gets_what_others_leave() -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), 12)
    machine.play(seats, [0.01] * 12, SETTLE_S)
    assert seats[0].paced
    for seat in seats[4:]:
        seat.leave()
        seat.leave()
    machine.play(seats[:4], [0.01] * 4, SETTLE_S)
    assert machine.play(seats[:4], [0.01] * 4, 2) == [60] * 4


def test_streams_are_spread_over_the_lanes_and_levelled_when_some_leave() -> None:
    engine = Machine().engine(3)
    seats = [engine.seat() for _ in range(7)]
    for seat in seats:
        seat.join()
    assert [seat.lane for seat in seats] == [0, 1, 2, 0, 1, 2, 0]
    for seat in seats[1:4]:
        seat.leave()
    left = [seat.lane for seat in seats if seat not in seats[1:4]]
    assert max(map(left.count, range(3))) - min(map(left.count, range(3))) <= 1
    assert seats[0].lane == 0  # who need not move stays


def test_cpu_of_other_processes_counts() -> None:
    machine = Machine()
    engine = machine.engine()
    seats = machine.seats(engine, 12)
    counts = [0] * 12
    for _ in range(300):
        for i, seat in enumerate(seats):
            if seat.frame_due():
                with seat.turn() as turn:
                    turn.used_elsewhere(0.01)
                counts[i] += 1
            machine.now_s += PERIOD_S / 12
    assert seats[0].pace.cost_s == pytest.approx(0.01)
    assert 0.7 * UTILIZATION * 2 < sum(counts) * 0.01 / 10 < 1.1 * UTILIZATION * 2
    assert engine._budget.others == pytest.approx(0, abs=0.01)


# Budget.


def test_the_budget_is_what_pictures_leave() -> None:
    budget = CpuBudget(2)
    for _ in range(20):
        # 0.8 cores beside the analyses
        budget.update(0.5, process_s=0.9, analyses_s=0.5, streams=1)
    assert budget.cores == pytest.approx(2 * UTILIZATION - 0.8, abs=0.01)
    for _ in range(20):
        budget.update(0.5, process_s=1.0, analyses_s=0.0, streams=1)
    assert budget.cores == pytest.approx(2 * MIN_SHARE)


def test_late_pictures_shrink_the_budget_and_punctual_ones_restore_it() -> None:
    budget = CpuBudget(2)
    full = budget.cores
    for _ in range(3):
        for _ in range(60):
            budget.picture_ready(0.1)
        budget.update(0.5, 0.1, 0.1, 1)
    assert budget.cores < 0.6 * full
    for _ in range(60):
        budget.picture_ready(0.01)
        budget.update(0.5, 0.1, 0.1, 1)
    assert budget.cores == pytest.approx(full)


def test_there_is_at_least_some_of_a_core() -> None:
    assert 0 < usable_cores() <= 4096


# Turns.


def test_turns_are_given_in_the_order_they_were_asked_for_and_never_more_at_once() -> None:
    turns = Turns(2, time.monotonic)
    order: list[int] = []
    gate, holding = threading.Semaphore(0), threading.Semaphore(0)

    def hold(number: int) -> None:
        with turns.turn():
            order.append(number)
            holding.release()
            assert gate.acquire(timeout=10)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=hold, args=(number,)))
        threads[-1].start()
        if number < 2:
            assert holding.acquire(timeout=10)
        else:
            end_s = time.monotonic() + 10
            while len(turns._waiting) < number - 1:
                assert time.monotonic() < end_s
                time.sleep(0.001)
    assert order == [0, 1]
    for _ in range(4):
        gate.release()  # one turn ends, so one is given
        assert holding.acquire(timeout=10)
    assert order == [0, 1, 2, 3, 4, 5]
    gate.release(2)
    for thread in threads:
        thread.join(10)


def test_a_turn_that_fails_is_handed_on() -> None:
    turns = Turns(1, time.monotonic)
    for _ in range(3):
        with pytest.raises(SystemExit), turns.turn():
            raise SystemExit
    with turns.turn():
        pass


def test_a_turn_that_never_ends_is_replaced_once() -> None:
    now_s = [0.0]
    turns = Turns(1, lambda: now_s[0])
    with turns.turn():
        assert turns.replace_stuck() == 0
        now_s[0] = STUCK_S + 1
        assert turns.replace_stuck() == 1
        assert turns.replace_stuck() == 0
        with turns.turn():  # would wait for ever otherwise
            pass
    assert turns._free == 1
