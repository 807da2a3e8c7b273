"""The live track with a camera and an analyser of the test's own: what leaves it, and when."""

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

from realtime.core.settings import AnalysisSettings
from realtime.live.analysis_thread import THREAD_NAME
from realtime.live.frame_processor import PLAIN_PROBLEM, StreamSettings
from realtime.live.live_track import LiveTrack
from tests.live.rig import HIDDEN, PLAIN, WAIT_S, Rig, run, until
from tests.live.stubs import FakeAnalyser, FakeCamera, number_of


def live_threads() -> int:
    return sum(t.name == THREAD_NAME for t in threading.enumerate())


@pytest.fixture(autouse=True)
def _no_thread_of_another_test() -> Iterator[None]:
    """Each test leaves no thread behind; the next begins when the last one is gone."""
    yield
    end = time.monotonic() + WAIT_S
    while live_threads():
        assert time.monotonic() < end, "a stream's thread outlived its test"
        time.sleep(0.01)


def brightness(frame: VideoFrame) -> np.ndarray[Any, Any]:
    return frame.to_ndarray(format="gray")


def test_each_frame_comes_back_itself_stamped_with_the_time_it_leaves() -> None:
    async def scenario() -> None:
        rig = Rig()
        stamps: list[int] = []
        for n in range(5):
            frame = await rig.shoot_and_show()
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


def test_a_burst_gives_the_newest_frame_only_and_counts_the_others() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)  # with blur a frame must wait for its own analysis
        await rig.shoot_and_show()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.shoot()
        await until(rig.analyser.entered.is_set)
        rig.camera.shoot(6)  # 2..7 arrive while 1 is being analysed
        await until(lambda: rig.camera._frames.empty())
        rig.analyser.gate.set()
        numbers = [number_of(await rig.show())]
        while numbers[-1] < 7:
            numbers.append(number_of(await rig.show()))
        assert numbers in ([1, 7], [7])  # 1 only if it was fetched before 7 was ready
        assert rig.track.stats().dropped == 7 - len(numbers)
        rig.track.stop()

    run(scenario())


def test_frames_go_on_with_the_newest_result_while_an_analysis_takes_long() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.shoot()
        await until(rig.analyser.entered.is_set)
        for n in range(2, 6):
            assert number_of(await rig.shoot_and_show()) == n
        assert rig.track.stats().age_p95_ms > 0
        rig.analyser.gate.set()
        assert number_of(await rig.shoot_and_show()) >= 6
        rig.track.stop()

    run(scenario())


def test_frames_never_go_back_in_time() -> None:
    async def scenario() -> None:
        rig = Rig()
        rig.camera.shoot()
        numbers = [number_of(await rig.show())]
        for n in range(39):
            if n % 4 == 0:
                rig.analyser.gate.clear()
            if n % 4 == 2:
                rig.analyser.gate.set()
            rig.camera.shoot()
            await asyncio.sleep(0.004)
        rig.analyser.gate.set()
        while numbers[-1] < 39:
            numbers.append(number_of(await rig.show()))
        assert numbers == sorted(set(numbers))
        rig.track.stop()

    run(scenario())


def test_with_blur_no_frame_leaves_before_its_faces_are_hidden() -> None:
    async def scenario() -> None:
        rig = Rig(HIDDEN)
        await rig.shoot_and_show()
        rig.analyser.gate.clear()
        rig.camera.shoot(3)
        waiting = asyncio.ensure_future(rig.show())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        rig.analyser.gate.set()
        frame = await waiting
        assert brightness(frame)[12:36, 14:36].max() < 60
        rig.track.stop()

    run(scenario())


def test_blur_switched_on_holds_back_a_frame_made_without_it() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        rig.camera.shoot()
        await until(lambda: rig.track._outbox.waiting is not None)
        rig.track.settings = HIDDEN  # frame 1 is finished and waits, unblurred
        frame = await rig.shoot_and_show()
        assert number_of(frame) == 2
        assert brightness(frame)[12:36, 14:36].max() < 60
        assert rig.analyser.hidden == 1
        rig.track.stop()

    run(scenario())


def test_nothing_leaves_before_the_networks_are_loaded() -> None:
    async def scenario() -> None:
        loaded = threading.Event()

        def slow(settings: AnalysisSettings) -> FakeAnalyser:
            assert loaded.wait(10)
            return FakeAnalyser(settings)

        camera = FakeCamera()
        track = LiveTrack(PLAIN, make_analyser=slow)
        track.addTrack(camera)
        track.start()
        camera.shoot(5)
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


@pytest.mark.parametrize("settings", [PLAIN, HIDDEN], ids=["plain", "blur"])
def test_an_analysis_that_fails_does_not_end_the_stream(settings: StreamSettings) -> None:
    async def scenario() -> None:
        rig = Rig(settings)
        await rig.shoot_and_show()
        rig.analyser.error = RuntimeError("a fault for the test")
        for n in (1, 2):
            frame = await rig.shoot_and_show()
            assert number_of(frame) == n
        assert (rig.track.faults, rig.track.problem) == (2, PLAIN_PROBLEM)
        assert rig.track.result is None
        rig.analyser.error = None
        await rig.shoot_and_show()
        assert rig.track.problem is None
        assert rig.track.result is not None
        rig.track.stop()

    run(scenario())


def test_a_frame_that_could_not_be_analysed_is_unreadable_under_blur() -> None:
    from realtime.live.frame_processor import obscure

    rng = np.random.default_rng(0)
    picture = np.asarray(rng.integers(0, 256, (480, 640, 3)), np.uint8)
    obscure(picture)
    assert picture.std() < 8  # all detail is gone
    assert picture.shape == (480, 640, 3)


def test_networks_that_cannot_be_loaded_are_explained_and_nobody_is_shown_under_blur() -> None:
    async def scenario() -> None:
        def broken(settings: AnalysisSettings) -> FakeAnalyser:
            raise FileNotFoundError("The network x is missing.")

        camera = FakeCamera()
        track = LiveTrack(PLAIN, make_analyser=broken)
        track.addTrack(camera)
        track.start()
        camera.shoot()
        assert number_of(await asyncio.wait_for(track.recv(), WAIT_S)) == 0
        assert track.problem == "Faces cannot be analysed: The network x is missing."
        track.stop()

    run(scenario())


def test_settings_take_effect_in_mid_stream() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        analysis = AnalysisSettings(min_score=0.8, max_faces=2, attributes=frozenset({"mask"}))
        rig.track.settings = StreamSettings(analysis, PLAIN.draw, mirror=False)
        await rig.shoot_and_show()
        assert rig.analyser.seen == [PLAIN.analysis, analysis]
        assert len(rig.analysers) == 1  # no restart
        rig.track.stop()

    run(scenario())


def test_mirror_flips_the_picture_that_is_analysed() -> None:
    from realtime.media.frames import to_bgr, to_video

    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32] = 200
    frame = to_video(picture)
    assert to_bgr(frame, mirror=False)[24, 8, 0] > 150 > to_bgr(frame, mirror=False)[24, 56, 0]
    assert to_bgr(frame, mirror=True)[24, 56, 0] > 150 > to_bgr(frame, mirror=True)[24, 8, 0]


@pytest.mark.parametrize("size", [(64, 48), (63, 47), (2, 2)])
def test_pictures_survive_the_conversions_at_even_and_odd_sizes(size: tuple[int, int]) -> None:
    from realtime.media.frames import to_bgr, to_video

    width, height = size
    picture = np.full((height, width, 3), (40, 120, 200), np.uint8)
    back = to_bgr(to_video(picture), mirror=False)
    assert back.shape == picture.shape
    assert np.abs(back.astype(int) - picture).max() <= 4


@pytest.mark.parametrize("how", ["stop", "unplug"])
def test_the_end_frees_the_thread_and_the_networks(how: str) -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        assert live_threads() == 1
        assert rig.analyser.made_in == THREAD_NAME
        networks = weakref.ref(rig.analysers.pop())
        if how == "stop":
            rig.track.stop()
            rig.track.stop()
        else:
            rig.camera.unplug()
        with pytest.raises(MediaStreamError):
            await rig.show()
        await until(lambda: live_threads() == 0)
        gc.collect()
        assert networks() is None
        assert rig.track.ended
        assert rig.track.result is None
        with pytest.raises(RuntimeError):
            rig.track.start()

    run(scenario())


def test_a_browser_that_fell_silent_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.live.camera.SILENCE_S", 0.3)

    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        with pytest.raises(MediaStreamError):
            await rig.show()
        await until(lambda: live_threads() == 0)

    run(scenario())


def test_stop_from_another_thread_in_mid_analysis_is_obeyed() -> None:
    async def scenario() -> None:
        rig = Rig()
        await rig.shoot_and_show()
        rig.analyser.gate.clear()
        rig.analyser.entered.clear()
        rig.camera.shoot()
        await until(rig.analyser.entered.is_set)
        await asyncio.to_thread(rig.track.stop)
        rig.analyser.gate.set()
        with pytest.raises(MediaStreamError):
            await rig.show()
        await until(lambda: live_threads() == 0)

    run(scenario())


def test_a_track_stopped_before_its_start_is_over() -> None:
    async def scenario() -> None:
        track = LiveTrack(PLAIN, make_analyser=FakeAnalyser)
        track.stop()
        assert track.ended
        with pytest.raises(MediaStreamError):
            await track.recv()

    run(scenario())
