"""The live track with a fake camera and a fake analyser: which frames it sends, and when."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.live import analysis_thread
from realtime.live.analysis_thread import THREAD_NAME
from realtime.live.frame_processor import ANALYSIS_FAILED, StreamSettings
from realtime.live.live_track import LiveTrack
from realtime.media.frames import to_bgr, to_video
from tests.live.rig import HIDDEN, PLAIN, WAIT_S, Rig, run, until
from tests.live.stubs import FakeAnalyser, FakeCamera, number_of


def live_threads() -> int:
    return sum(t.name == THREAD_NAME for t in threading.enumerate())


@pytest.fixture(autouse=True)
def _wait_for_threads() -> Iterator[None]:
    """Each test ends its threads before the next one begins."""
    yield
    end = time.monotonic() + WAIT_S
    while live_threads():
        assert time.monotonic() < end, "a stream's thread is still running"
        time.sleep(0.01)


def brightness(frame: VideoFrame) -> np.ndarray[Any, Any]:
    return frame.to_ndarray(format="gray")


def test_each_frame_is_sent_back_with_increasing_time_stamps() -> None:
    async def scenario() -> None:
        rig = Rig()
        stamps: list[int] = []
        for n in range(5):
            frame = await rig.send_and_receive()
            assert number_of(frame) == n
            assert frame.time_base == Fraction(1, 90000)
            assert (frame.width, frame.height) == (64, 48)
            assert frame.pts is not None
            stamps.append(frame.pts)
        assert stamps[0] == 0
        assert stamps == sorted(set(stamps))
        assert rig.track.stats().dropped == 0
        assert rig.track.result is not None
        assert len(rig.track.result.faces) == 1
        rig.track.stop()

    run(scenario())


def test_a_burst_sends_the_latest_frame_and_counts_the_others_as_dropped() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)  # with hiding on, each frame needs its own analysis
        await rig.send_and_receive()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.send()
        await until(rig.analyser.entered.is_set)
        rig.camera.send(6)  # 2..7 arrive while 1 is being analysed
        await until(lambda: rig.camera._frames.empty())
        rig.analyser.gate.set()
        numbers = [number_of(await rig.receive())]
        while numbers[-1] < 7:
            numbers.append(number_of(await rig.receive()))
        assert numbers in ([1, 7], [7])  # 1 only if it was received before 7 was ready
        assert rig.track.stats().dropped == 7 - len(numbers)
        rig.track.stop()

    run(scenario())


def test_frames_use_the_latest_result_while_an_analysis_takes_long() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.send()
        await until(rig.analyser.entered.is_set)
        for n in range(2, 6):
            assert number_of(await rig.send_and_receive()) == n
        assert rig.track.stats().age_p95_ms > 0
        rig.analyser.gate.set()
        assert number_of(await rig.send_and_receive()) >= 6
        rig.track.stop()

    run(scenario())


def test_frames_are_sent_in_order() -> None:
    async def scenario() -> None:
        rig = Rig()
        rig.camera.send()
        numbers = [number_of(await rig.receive())]
        for n in range(39):
            if n % 4 == 0:
                rig.analyser.gate.clear()
            if n % 4 == 2:
                rig.analyser.gate.set()
            rig.camera.send()
            await asyncio.sleep(0.004)
        rig.analyser.gate.set()
        while numbers[-1] < 39:
            numbers.append(number_of(await rig.receive()))
        assert numbers == sorted(set(numbers))
        rig.track.stop()

    run(scenario())


def test_with_hiding_no_frame_is_sent_before_its_faces_are_hidden() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        await rig.send_and_receive()
        rig.analyser.gate.clear()
        rig.camera.send(3)
        waiting = asyncio.ensure_future(rig.receive())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        rig.analyser.gate.set()
        frame = await waiting
        assert brightness(frame)[12:36, 14:36].max() < 60
        rig.track.stop()

    run(scenario())


def test_hiding_switched_on_drops_a_pending_frame_that_shows_faces() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        rig.camera.send()
        await until(lambda: rig.track._outbox.pending is not None)
        rig.track.settings = HIDDEN  # frame 1 is pending and shows its face
        frame = await rig.send_and_receive()
        assert number_of(frame) == 2
        assert brightness(frame)[12:36, 14:36].max() < 60
        assert rig.analyser.hidden == 1
        rig.track.stop()

    run(scenario())


def test_nothing_is_sent_before_the_networks_are_loaded() -> None:
    async def scenario() -> None:
        loaded = threading.Event()

        def slow(settings: AnalysisSettings) -> FakeAnalyser:
            assert loaded.wait(10)
            return FakeAnalyser(settings)

        camera = FakeCamera()
        track = LiveTrack(PLAIN, make_analyser=slow)
        track.addTrack(camera)
        track.start()
        camera.send(5)
        answer = asyncio.ensure_future(track.recv())
        await asyncio.sleep(0.1)
        assert not answer.done()
        assert not track.ready
        loaded.set()
        assert number_of(await asyncio.wait_for(answer, WAIT_S)) == 4
        assert track.ready
        assert track.stats().dropped == 0
        track.stop()

    run(scenario())


@pytest.mark.parametrize("settings", [PLAIN, HIDDEN], ids=["shown", "hidden"])
def test_a_failed_analysis_does_not_end_the_stream(settings: StreamSettings) -> None:
    async def scenario() -> None:
        rig = Rig(settings)
        await rig.send_and_receive()
        rig.analyser.error = RuntimeError("simulated fault")
        for n in (1, 2):
            frame = await rig.send_and_receive()
            assert number_of(frame) == n
        assert (rig.track.faults, rig.track.problem) == (2, ANALYSIS_FAILED)
        assert rig.track.result is None
        rig.analyser.error = None
        await rig.send_and_receive()
        assert rig.track.problem is None
        assert rig.track.result is not None
        rig.track.stop()

    run(scenario())


def test_a_fault_outside_the_analysis_is_counted_and_the_stream_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()

        def no_memory(*_: object) -> None:
            raise MemoryError

        add = rig.track.table.add
        monkeypatch.setattr(rig.track.table, "add", no_memory)
        rig.camera.send()
        await until(lambda: rig.track.faults == 1)
        assert rig.track.result is None
        monkeypatch.setattr(rig.track.table, "add", add)
        assert number_of(await rig.send_and_receive()) == 2
        assert not rig.track.ended
        rig.track.stop()

    run(scenario())


def test_an_analysis_thread_that_dies_is_replaced_and_the_stream_goes_on() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        rig.analyser.error = SystemExit()  # nothing in the thread catches it
        rig.camera.send()
        await until(lambda: len(rig.analysers) == 2)
        await until(lambda: live_threads() == 1)  # the old thread starts the new one, then ends
        assert rig.track.problem == ANALYSIS_FAILED
        assert number_of(await rig.send_and_receive()) == 2
        assert (rig.track.faults, rig.track.problem) == (1, None)
        rig.track.stop()

    run(scenario())


@pytest.mark.parametrize("where", ["analysis", "table"])
def test_repeated_faults_end_the_stream_with_a_message(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis_thread, "MAX_FAULTS_IN_A_ROW", 3)

    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()

        def no_memory(*_: object) -> None:
            raise MemoryError

        if where == "table":
            monkeypatch.setattr(rig.track.table, "add", no_memory)
        else:
            rig.analyser.error = RuntimeError("simulated fault")
        for n in range(3):
            rig.camera.send()
            await until(lambda n=n: rig.track.faults == n + 1)
        await until(lambda: rig.track.ended)
        assert rig.track.end_reason == analysis_thread.STOPPED_BY_FAULTS
        await until(lambda: rig.track.readyState == "ended")

    run(scenario())


def test_an_analysis_older_than_a_second_is_neither_drawn_nor_reported() -> None:
    async def scenario() -> None:
        now_s = [100.0]
        boxes = StreamSettings(draw=DrawSettings(labels=False))
        rig = Rig(boxes, clock=lambda: now_s[0])
        await rig.send_and_receive()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.send()
        await until(rig.analyser.entered.is_set)
        drawn = []
        for now_s[0] in (100.5, 101.5):
            rig.camera.send()
            picture = to_bgr(await rig.receive(), mirror=False)
            drawn.append(bool(np.ptp(picture.astype(int), axis=(0, 1)).max() > 10))  # a box
        assert drawn == [True, False]
        assert rig.track.result is None
        rig.analyser.gate.set()
        rig.track.stop()

    run(scenario())


def test_a_recorder_can_be_detached_at_any_moment() -> None:
    class Detaching:
        """Detaches itself while it is asked whether it is there."""

        def __init__(self, track: LiveTrack) -> None:
            self.track, self.frames = track, 0

        def __bool__(self) -> bool:
            raise AssertionError("recorders are compared with None")

        def add_frame(self, *_: object, **__: object) -> None:
            self.frames += 1
            self.track.attach_recorder(None)

        def stop(self) -> None: ...

    class Vanishing(LiveTrack):
        """Its recorder is detached by another thread after each look."""

        @property
        def _recorder(self) -> object:
            recorder, self.__dict__["_kept"] = self.__dict__.get("_kept"), None
            return recorder

        @_recorder.setter
        def _recorder(self, recorder: object) -> None:
            self.__dict__["_kept"] = recorder

    async def scenario() -> None:
        rig = Rig(track=Vanishing)
        recorder = Detaching(rig.track)
        rig.track.attach_recorder(recorder)  # type: ignore[arg-type]
        await rig.send_and_receive()
        assert recorder.frames == 1
        await rig.send_and_receive()
        rig.track.stop()

    run(scenario())


def test_obscure_removes_all_detail() -> None:
    from realtime.live.frame_processor import obscure

    rng = np.random.default_rng(0)
    picture = np.asarray(rng.integers(0, 256, (480, 640, 3)), np.uint8)
    obscure(picture)
    assert picture.std() < 8
    assert picture.shape == (480, 640, 3)


def test_networks_that_cannot_be_loaded_are_reported_and_frames_are_sent_unanalysed() -> None:
    async def scenario() -> None:
        def broken(settings: AnalysisSettings) -> FakeAnalyser:
            raise FileNotFoundError("The network x is missing.")

        camera = FakeCamera()
        track = LiveTrack(PLAIN, make_analyser=broken)
        track.addTrack(camera)
        track.start()
        camera.send()
        assert number_of(await asyncio.wait_for(track.recv(), WAIT_S)) == 0
        assert track.problem == "Faces cannot be analysed: The network x is missing."
        track.stop()

    run(scenario())


def test_settings_can_change_while_the_stream_runs() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        analysis = AnalysisSettings(min_score=0.8, max_faces=2, attributes=frozenset({"mask"}))
        rig.track.settings = StreamSettings(analysis, PLAIN.draw, mirror=False)
        await rig.send_and_receive()
        assert rig.analyser.analysed_with == [PLAIN.analysis, analysis]
        assert len(rig.analysers) == 1  # no restart
        rig.track.stop()

    run(scenario())


def test_mirror_flips_the_picture() -> None:

    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32] = 200
    frame = to_video(picture)
    assert to_bgr(frame, mirror=False)[24, 8, 0] > 150 > to_bgr(frame, mirror=False)[24, 56, 0]
    assert to_bgr(frame, mirror=True)[24, 56, 0] > 150 > to_bgr(frame, mirror=True)[24, 8, 0]


@pytest.mark.parametrize("size", [(64, 48), (63, 47), (2, 2)])
def test_conversion_to_video_and_back_keeps_size_and_colour(size: tuple[int, int]) -> None:

    width, height = size
    picture = np.full((height, width, 3), (40, 120, 200), np.uint8)
    back = to_bgr(to_video(picture), mirror=False)
    assert back.shape == picture.shape
    assert np.abs(back.astype(int) - picture).max() <= 4


@pytest.mark.parametrize("how", ["stop", "camera ends"])
def test_the_end_of_the_stream_releases_thread_and_networks(how: str) -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        assert live_threads() == 1
        assert rig.analyser.made_in == THREAD_NAME
        networks = weakref.ref(rig.analysers.pop())
        if how == "stop":
            rig.track.stop()
            rig.track.stop()
        else:
            rig.camera.end()
        with pytest.raises(MediaStreamError):
            await rig.receive()
        await until(lambda: live_threads() == 0)
        gc.collect()
        assert networks() is None
        assert rig.track.ended
        assert rig.track.result is None
        with pytest.raises(RuntimeError):
            rig.track.start()

    run(scenario())


def test_a_silent_browser_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.live.camera.SILENCE_TIMEOUT_S", 0.3)

    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        with pytest.raises(MediaStreamError):
            await rig.receive()
        await until(lambda: live_threads() == 0)

    run(scenario())


def test_stop_from_another_thread_during_an_analysis() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.send_and_receive()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.send()
        await until(rig.analyser.entered.is_set)
        await asyncio.to_thread(rig.track.stop)
        rig.analyser.gate.set()
        with pytest.raises(MediaStreamError):
            await rig.receive()
        await until(lambda: live_threads() == 0)

    run(scenario())


def test_a_track_stopped_before_its_start_has_ended() -> None:
    async def scenario() -> None:
        track = LiveTrack(PLAIN, make_analyser=FakeAnalyser)
        track.stop()
        assert track.ended
        with pytest.raises(MediaStreamError):
            await track.recv()

    run(scenario())
