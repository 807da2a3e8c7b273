"""Admission of viewers: limit, load, queue."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from realtime.engine.admission import GONE_S, KEPT_S, MAX_WAITING, Admission
from realtime.engine.budget import LASTING_S
from tests.engine.fakes import Machine


@dataclass(eq=False)
class Stream:
    """A stream as admission sees it."""

    ended: bool = False
    broke_off_s: float | None = None


class Door:
    """An admission with a clock, and the streams that it let in."""

    def __init__(self, limit: int | None = 2) -> None:
        self.now_s = 0.0
        self.has_room = True
        self.asked_for: list[int] = []
        self.streams: list[Stream] = []
        self.admission = Admission(limit, self._room, lambda: self.now_s)

    def _room(self, more: int) -> bool:
        self.asked_for.append(more)
        return self.has_room

    def start(self, key: str) -> Stream:
        assert self.admission.ask(key, starting=True) == 0
        stream = Stream()
        self.admission.started(key, stream)
        self.streams.append(stream)
        return stream

    def place(self, key: str) -> int:
        return self.admission.ask(key, starting=False)


def test_the_limit_holds_and_who_is_in_stays_in() -> None:
    door = Door()
    streams = [door.start("a"), door.start("b")]
    assert door.admission.ask("c", starting=True) == 1
    assert door.admission.ask("d", starting=True) == 2
    door.now_s += 10 * KEPT_S
    assert (door.place("a"), door.place("b")) == (0, 0)
    assert not any(stream.ended for stream in streams)


def test_the_queue_moves_in_order_and_keeps_the_place_of_whose_turn_it_is() -> None:
    door = Door()
    first, _other = door.start("a"), door.start("b")
    assert [door.place(key) for key in ("c", "d", "e")] == [1, 2, 3]
    first.ended = True
    assert door.place("d") == 2  # c comes first, even if d asks first
    assert door.place("c") == 0
    assert [door.place("d"), door.place("e")] == [1, 2]  # c's place is kept
    door.start("c")


def test_whoever_does_not_start_in_time_loses_the_place() -> None:
    door = Door(1)
    first = door.start("a")
    door.place("b")
    first.ended = True
    assert door.place("b") == 0
    assert door.place("c") == 1
    for _ in range(int(KEPT_S)):
        door.now_s += 1
        last = door.place("c")
    assert last == 0


def test_looking_at_the_page_takes_no_place() -> None:
    door = Door(1)
    for key in "abc":
        assert door.place(key) == 0
    door.start("d")
    assert door.admission.ask("a", starting=True) == 1


def test_pages_that_were_closed_leave_the_queue() -> None:
    door = Door(1)
    door.start("a")
    door.place("b")
    assert door.place("c") == 2
    door.now_s += GONE_S / 2
    door.place("c")
    door.now_s += GONE_S / 2 + 1
    assert door.place("c") == 1


def test_a_stream_that_broke_off_has_its_place_kept() -> None:
    door = Door(1)
    stream = door.start("a")
    door.place("b")
    stream.ended, stream.broke_off_s = True, door.now_s
    assert door.place("b") == 1
    restarted = door.start("a")
    door.now_s += KEPT_S / 2
    assert door.place("b") == 1
    restarted.ended = True  # by Stop
    assert door.place("b") == 0


def test_a_kept_place_is_counted_from_the_moment_the_connection_broke() -> None:
    door = Door(1)
    stream = door.start("a")
    door.now_s = 10 * KEPT_S  # nobody has asked for a long time
    stream.ended, stream.broke_off_s = True, door.now_s - 10
    assert door.place("b") == 1
    for _ in range(int(KEPT_S) - 11):
        door.now_s += 1
        assert door.place("b") == 1
    door.now_s += 2
    assert door.place("b") == 0


def test_a_stream_that_nobody_holds_any_more_frees_its_place() -> None:
    door = Door(1)
    door.start("a")
    door.streams.clear()
    assert door.place("b") == 0


def test_without_room_new_viewers_wait_whatever_the_limit() -> None:
    door = Door(None)
    first = door.start("a")
    door.has_room = False
    assert door.admission.ask("b", starting=True) == 1
    assert door.place("a") == 0
    assert not first.ended
    door.has_room = True
    assert door.place("b") == 0
    door.place("c")
    assert door.asked_for[-1] == 2  # b, who has not started yet, and c


def test_the_queue_is_bounded() -> None:
    door = Door(1)
    stream = door.start("a")
    for n in range(3 * MAX_WAITING):
        last = door.place(f"waiting-{n}")
    assert last == MAX_WAITING + 1
    assert len(door.admission._waiting) == MAX_WAITING
    assert not stream.ended


@pytest.mark.parametrize(("streams", "room"), [(0, True), (6, True), (30, False)])
def test_the_machine_has_room_until_each_stream_would_get_too_few_analyses(
    streams: int, room: bool
) -> None:
    machine = Machine()
    engine = machine.engine()
    machine.play(machine.seats(engine, streams), [0.01] * streams, 6 if streams else 0)
    assert engine.has_room(1) is room
    assert not engine.has_room(100)


def test_one_stream_per_core_is_admitted_whatever_else_the_machine_does() -> None:
    machine = Machine()
    engine = machine.engine(cores=2)
    machine.play(machine.seats(engine, 1), [0.02], 8, picture_s=0.02, delay_s=0.2)
    assert engine.has_room(1)
    assert not engine.has_room(2)


def test_a_page_that_loads_keeps_nobody_out() -> None:
    machine = Machine()
    engine = machine.engine()
    seats = machine.seats(engine, 4)
    machine.play(seats, [0.01] * 4, 6)
    machine.cpu_s += 6.0  # three seconds of both cores
    machine.play(seats, [0.01] * 4, 1)
    assert engine.has_room(1)
    machine.play(seats, [0.002] * 4, 8, picture_s=0.0125)  # 1.5 cores, and it lasts
    assert not engine.has_room(1)


def test_only_pictures_that_are_late_for_a_while_keep_viewers_out() -> None:
    machine = Machine()
    engine = machine.engine()
    seats = machine.seats(engine, 8)
    costs = [0.01] * 8
    machine.play(seats, costs, 6)
    assert engine.has_room(1)
    machine.play(seats, costs, 2, delay_s=0.2)  # another program, for a moment
    assert engine._budget.cores < 0.6 * engine._budget.cores_for(8)
    assert engine.has_room(1)
    machine.play(seats, costs, LASTING_S + 1, delay_s=0.2)
    assert not engine.has_room(1)
    machine.play(seats, costs, 1)
    assert engine.has_room(1)
