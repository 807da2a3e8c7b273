"""The order in which a full machine degrades its streams."""

from __future__ import annotations

from realtime.core.settings import DrawSettings
from realtime.engine.degradation import MIN_ANALYSES_HZ, RESTORE_S, SETTLE_S, Degradation, Load
from tests.engine.fakes import Machine

STEP_S = 0.5


def steps(degradation: Degradation, analyses_hz: float, seconds: float) -> list[Load]:
    """The loads that a rate of analyses leads to, without repetition."""
    seen = [degradation.load]
    for _ in range(round(seconds / STEP_S)):
        degradation.update(STEP_S, analyses_hz, 30.0)
        if degradation.load != seen[-1]:
            seen.append(degradation.load)
    return seen


def test_analyses_go_first_then_detail_and_pictures_last() -> None:
    degradation = Degradation()
    assert steps(degradation, 12, 10) == [Load.NORMAL, Load.FEWER_ANALYSES]
    order = steps(degradation, MIN_ANALYSES_HZ - 1, 60)
    assert order == list(Load)[1:]
    drawn = [load.drawn(DrawSettings(landmarks=True)).landmarks for load in order]
    assert drawn == [True, False, False, False]
    assert [load.picture_every for load in order] == [1, 1, 2, 3]


def test_streams_recover_in_the_opposite_order_one_step_at_a_time() -> None:
    degradation = Degradation()
    steps(degradation, 1, 60)
    assert steps(degradation, 30, RESTORE_S) == list(Load)[:-3:-1]
    assert steps(degradation, 30, 60) == [*list(Load)[-2:0:-1], Load.NORMAL]


def test_a_short_dip_changes_only_the_analyses() -> None:
    degradation = Degradation()
    assert steps(degradation, 1, SETTLE_S - STEP_S)[-1] == Load.FEWER_ANALYSES
    steps(degradation, 12, 1)
    assert steps(degradation, 1, SETTLE_S - STEP_S)[-1] == Load.FEWER_ANALYSES


def test_a_machine_with_too_many_streams_saves_on_pictures_last() -> None:
    machine = Machine()
    engine = machine.engine()
    seats = machine.seats(engine, 50)
    machine.play(seats, [0.01] * 50, 20)
    assert engine.load == max(Load)
    assert seats[0].load == max(Load)


def test_a_stream_with_all_its_analyses_is_not_degraded() -> None:
    machine = Machine()
    seats = machine.seats(machine.engine(), 2)
    machine.play(seats, [0.001, 0.1], 20)
    assert [seat.load for seat in seats] == [Load.NORMAL, Load.FEWER_ANALYSES]
