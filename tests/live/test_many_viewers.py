"""Live tracks on a full machine: pictures go on, faces stay hidden, viewers wait for a place."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from realtime.engine.degradation import Load
from realtime.engine.engine import Engine
from realtime.live.analysis_thread import THREAD_NAME
from realtime.live.live_track import LiveTrack
from realtime.ui.live.waiting import NOTICES, waiting_text
from tests.live.rig import HIDDEN, PLAIN, WAIT_S, Rig, run, until
from tests.live.stubs import FakeAnalyser, FakeCamera, number_of


def slow_down(rig: Rig, interval_s: float = 100.0) -> None:
    """Let no further frame be analysed, whatever the engine measures meanwhile."""
    pace = rig.track._seat.pace
    pace.set_share = lambda cores, now_s: None
    pace.interval_s, pace._due_s = interval_s, float("inf")


def test_frames_that_are_not_analysed_are_sent_with_the_latest_result() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        slow_down(rig)
        for n in range(1, 6):
            assert number_of(await rig.send_and_receive()) == n
        assert len(rig.analyser.analysed_with) == 1
        assert rig.track.load == Load.FEWER_ANALYSES
        assert rig.track.stats().dropped == 0
        rig.track.stop()

    run(scenario())


def test_frames_whose_faces_are_to_be_hidden_are_never_sent_without_an_analysis() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        await rig.send_and_receive()
        slow_down(rig)
        rig.camera.send(3)
        waiting = asyncio.ensure_future(rig.receive())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        rig.track._seat.pace._due_s = 0.0
        rig.camera.send()
        assert number_of(await waiting) == 4
        assert rig.analyser.hidden == 2
        rig.track.stop()

    run(scenario())


def test_on_the_last_step_a_part_of_the_pictures_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        slow_down(rig)
        monkeypatch.setattr(Engine, "load", Load.A_THIRD_OF_THE_PICTURES)
        sent = []
        for n in range(1, 10):
            rig.camera.send()
            if n % 3 == 0:
                sent.append(number_of(await rig.receive()))
            else:
                await until(rig.camera._frames.empty)
        assert sent == [3, 6, 9]
        rig.track.stop()

    run(scenario())


def test_nothing_is_left_after_fifty_streams_have_come_and_gone() -> None:
    async def scenario() -> None:
        engine = Engine(2)
        analysers: list[weakref.ref[FakeAnalyser]] = []

        def make(settings: Any) -> FakeAnalyser:
            analyser = FakeAnalyser(settings)
            analysers.append(weakref.ref(analyser))
            return analyser

        for _ in range(10):
            tracks = [LiveTrack(PLAIN, make_analyser=make, engine=engine) for _ in range(5)]
            for track in tracks:
                camera = FakeCamera()
                track.addTrack(camera)
                track.start()
                camera.send()
            for track in tracks:
                await asyncio.wait_for(track.recv(), WAIT_S)
                track.stop()
        await until(lambda: all(t.name != THREAD_NAME for t in threading.enumerate()))
        await asyncio.sleep(0)
        del track, tracks, camera
        gc.collect()
        assert len(analysers) == 50
        assert not any(analyser() for analyser in analysers)
        assert engine._seats == []
        assert [turns._free for turns in engine._turns] == [1] * engine.lanes
        assert not any(turns._held for turns in engine._turns)

    run(scenario())


def test_every_step_of_degradation_is_announced() -> None:
    assert set(NOTICES) == set(Load) - {Load.NORMAL}
    assert all(text.startswith("Server busy") for text in NOTICES.values())


def waiting_script() -> None:
    import streamlit as st

    from realtime.ui.live.waiting import waiting_notice

    places = st.session_state.setdefault("places", [2, 1, 0])
    if places[0]:
        waiting_notice(lambda: places.pop(0) if len(places) > 1 else 0)
    else:
        st.write("Start")


def test_the_place_in_the_queue_is_shown_until_it_is_ones_turn() -> None:
    page = AppTest.from_function(waiting_script, default_timeout=30).run()
    assert [info.value for info in page.info] == [waiting_text(2)]
    page.run()
    assert [info.value for info in page.info] == [waiting_text(1)]
    page.run()
    assert not page.info
    assert [text.value for text in page.markdown] == ["Start"]
