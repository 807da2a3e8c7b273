"""Worker processes: the same answers as directly, and streams that outlive them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.moving_faces import moving_frames
from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings, Hiding
from realtime.engine.engine import Engine, Seat
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.live import frame_slot
from realtime.live.frame_processor import (
    ANALYSIS_FAILED,
    FrameJob,
    FrameProcessor,
    StreamSettings,
)
from realtime.live.frame_slot import FrameSlot
from realtime.live.pipeline_analyser import PipelineAnalyser
from realtime.live.worker import Worker
from realtime.live.worker_client import WorkerClient, WorkerLostError
from realtime.live.worker_pool import WorkerPool
from realtime.live.worker_processor import WorkerProcessor
from realtime.media.pixels import Pixels, bgr_to_pixels, pixels_to_bgr
from realtime.render.draw import StreamStats
from tests.conftest import ROOT

SIZE_WH = (320, 240)
STATS = StreamStats(fps=30, age_p50_ms=6, age_p95_ms=9, dropped=0)
SHARED = Path("/dev/shm")


def clip(faces: int, count: int) -> list[Pixels]:
    return [bgr_to_pixels(f, planes=True) for f in moving_frames(faces, SIZE_WH, count=count)]


def job(number: int, settings: StreamSettings | None = None, *, annotate: bool = False) -> FrameJob:
    settings = settings or StreamSettings()
    return FrameJob(now_s=number / 30, settings=settings, stats=STATS, annotate=annotate)


def seat_of(engine: Engine) -> Seat:
    seat = engine.seat()
    seat.join()
    return seat


CREATED: set[str] = set()


@pytest.fixture(autouse=True)
def created_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record what this process creates: other programs have shared memory too."""

    class Recorded(SharedMemory):
        def __init__(self, name: str | None, *, create: bool, size: int) -> None:
            super().__init__(name, create=create, size=size)
            if create:
                CREATED.add(self.name)

    monkeypatch.setattr(frame_slot, "SharedMemory", Recorded)


def slots() -> set[str]:
    """The shared memory of this process that is still there."""
    return {name for name in CREATED if (SHARED / name).exists()}


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


@pytest.fixture
def processor(workers: WorkerPool) -> Iterator[WorkerProcessor]:
    processor = WorkerProcessor(seat_of(Engine(1)), workers)
    processor.prepare(StreamSettings())
    yield processor
    processor.close()


def kill(workers: WorkerPool, lane: int = 0) -> None:
    worker = workers.worker(lane)
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: not worker.alive)
    workers._started_s.clear()  # as if it had run for a while


def same(result: FrameResult | None, expected: FrameResult) -> None:
    assert result is not None
    for name in ("xyxy", "score", "presence", "track_id"):
        np.testing.assert_array_equal(
            getattr(result.faces, name), getattr(expected.faces, name), err_msg=name
        )
    assert result.faces.landmarks is not None
    assert expected.faces.landmarks is not None
    assert result.faces.landmarks.topology is expected.faces.landmarks.topology
    np.testing.assert_array_equal(result.faces.landmarks.points, expected.faces.landmarks.points)
    assert result.faces.attributes.keys() == expected.faces.attributes.keys()


def test_the_networks_are_freed_with_the_last_stream() -> None:
    """70 MB each time otherwise."""
    worker = Worker()
    for number in (1, 2):
        worker.open(number, StreamSettings(), None, 1)
        worker.process(number, clip(1, 1)[0], job(0))
    networks = weakref.ref(worker._load())
    worker.close(1)
    assert networks() is not None
    worker.close(2)
    assert networks() is None


def test_streams_that_share_a_worker_get_the_direct_answers(
    workers: WorkerPool, networks: Networks
) -> None:
    engine = Engine(1)
    processors = [WorkerProcessor(seat_of(engine), workers) for _ in range(2)]
    direct = [Pipeline(networks, refresh_clear=False) for _ in range(2)]
    for processor in processors:
        processor.prepare(StreamSettings())
    clips = [clip(1, 12), clip(2, 12)]
    for n in range(12):
        for processor, pipeline, frames in zip(processors, direct, clips, strict=True):
            done = processor.process(frames[n], job(n))
            same(done.result, pipeline.process(pixels_to_bgr(frames[n]), n / 30))
            assert done.cpu_s > 0
            assert done.picture is None
    assert done.result is not None
    assert len(done.result.faces) == 2
    for processor in processors:
        processor.close()


@pytest.mark.parametrize("hiding", [None, Hiding.BLUR])
@pytest.mark.parametrize("planes", [True, False])
def test_pictures_and_snapshots_are_those_of_the_direct_path(
    processor: WorkerProcessor, networks: Networks, hiding: Hiding | None, planes: bool
) -> None:
    settings = StreamSettings(draw=DrawSettings(hiding=hiding))
    direct = FrameProcessor(lambda analysis: PipelineAnalyser(analysis, networks))
    direct.prepare(settings)
    for n, picture in enumerate(moving_frames(1, SIZE_WH, count=4)):
        pixels = bgr_to_pixels(picture, planes=planes)
        full = replace(job(n, settings, annotate=True), keep_clean=True)
        done, expected = processor.process(pixels, full), direct.process(pixels, full)
        for name in ("picture", "changed", "clean"):
            np.testing.assert_array_equal(getattr(done, name), getattr(expected, name), name)
    assert done.picture is not None
    assert (done.picture != pixels).any()
    assert (done.clean is None) == (hiding is None)


def test_settings_change_while_the_stream_runs(processor: WorkerProcessor) -> None:
    frames = clip(1, 2)
    assert processor.process(frames[0], job(0)).result is not None
    settings = StreamSettings(
        AnalysisSettings(detector="blazeface-full", attributes=frozenset({"gender"}), gaze=True)
    )
    result = processor.process(frames[1], job(1, settings)).result
    assert result is not None
    assert set(result.faces.attributes) <= {"gender"}


def test_a_frame_may_change_its_size(processor: WorkerProcessor) -> None:
    for n, size_wh in enumerate([(64, 48), (320, 240), (160, 120)]):
        pixels = bgr_to_pixels(np.zeros((*size_wh[::-1], 3), np.uint8), planes=True)
        done = processor.process(pixels, job(n, annotate=True))
        assert done.result is not None
        assert done.result.size_wh == size_wh
        assert done.picture is not None
        assert done.picture.shape == pixels.shape


def test_a_stream_outlives_its_worker(workers: WorkerPool, processor: WorkerProcessor) -> None:
    frames = clip(1, 30)
    for n in range(6):
        result = processor.process(frames[n], job(n)).result
    assert result is not None
    assert result.faces.track_id is not None
    before = result.faces.track_id.tolist()
    kill(workers)
    lost = workers._workers[0]
    for n in range(6, 14):
        done = processor.process(frames[n], job(n))
    assert workers.worker(0) is not lost
    assert done.result is not None
    assert done.result.faces.track_id is not None
    assert done.result.faces.track_id.tolist() == [before[-1] + 1]  # numbers are never reused
    assert (processor.problem, processor.faults) == (None, 0)


def test_a_worker_that_ends_during_an_analysis_costs_one_frame(
    workers: WorkerPool, processor: WorkerProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = clip(1, 1)[0]
    hidden = StreamSettings(draw=DrawSettings(hiding=Hiding.BLUR))
    request = WorkerClient.request

    def die(client: WorkerClient, method: str, *arguments: object) -> object:
        if method == "process":
            client._process.kill()
            client._process.wait()
            raise WorkerLostError
        return request(client, method, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerClient, "request", die)
        done = processor.process(frame, job(0, hidden, annotate=True))
    assert done.result is None
    assert done.picture is not None
    detail = [cv2.Laplacian(pixels_to_bgr(p), cv2.CV_32F).std() for p in (done.picture, frame)]
    assert detail[0] < 0.2 * detail[1]  # nobody is seen
    assert (processor.problem, processor.faults) == (ANALYSIS_FAILED, 1)
    workers._started_s.clear()
    assert processor.process(frame, job(1)).result is not None
    assert processor.problem is None


def test_a_worker_that_cannot_run_is_not_restarted_all_the_time(
    workers: WorkerPool, processor: WorkerProcessor
) -> None:
    kill(workers)
    workers.worker(0)
    os.kill(workers.worker(0).pid, signal.SIGKILL)
    wait_until(lambda: not workers._workers[0].alive)
    with pytest.raises(WorkerLostError, match="just after its start"):
        workers.worker(0)
    workers._started_s.clear()


def test_a_worker_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.live.worker_client.MAX_REQUEST_S", 0.2)
    monkeypatch.setattr("realtime.live.worker_pool.CHECK_S", 0.05)
    pool = WorkerPool()
    worker = pool.worker(0)
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(WorkerLostError):
        worker.request("ready")
    assert not worker.alive
    pool.close()
    with pytest.raises(WorkerLostError):
        pool.worker(0)


def test_a_stream_keeps_its_tracks_when_it_moves_to_another_worker(workers: WorkerPool) -> None:
    engine = Engine(2)
    seats = [seat_of(engine) for _ in range(4)]
    assert [seat.lane for seat in seats] == [0, 1, 0, 1]
    processor = WorkerProcessor(seats[2], workers)
    processor.prepare(StreamSettings())
    frames, tracks = clip(2, 16), []
    for n, frame in enumerate(frames):
        if n == 8:
            seats[1].leave()
            seats[3].leave()
            assert seats[2].lane == 1
        result = processor.process(frame, job(n)).result
        assert result is not None
        if n > 4 and result.faces.track_id is not None:
            tracks.append(sorted(result.faces.track_id.tolist()))
    assert set(workers._workers) == {0, 1}
    assert tracks == [tracks[0]] * len(tracks)
    assert len(tracks[0]) == 2
    processor.close()


def test_networks_that_cannot_be_loaded_are_reported(workers: WorkerPool) -> None:
    settings = StreamSettings(AnalysisSettings(landmarks="dlib68", landmarks_file="/nowhere.dat"))
    processor = WorkerProcessor(seat_of(Engine(1)), workers)
    processor.prepare(settings)
    assert processor.problem is not None
    assert processor.problem.startswith("Faces cannot be analysed: ")
    frame = clip(1, 1)[0]
    assert processor.process(frame, job(0)).result is None
    assert processor.faults == 1
    processor.close()


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared memory is elsewhere on this system")
def test_no_shared_memory_is_left(workers: WorkerPool) -> None:
    before, frame = slots(), clip(1, 1)[0]
    processors = [WorkerProcessor(seat_of(Engine(1)), workers) for _ in range(2)]
    for processor in processors:
        processor.process(frame, job(0))
    assert len(slots() - before) == 2
    processors[0].close()
    kill(workers)
    processors[1].process(frame, job(1))
    assert len(slots() - before) == 1
    processors[1].close()
    assert slots() <= before


KILLED = """
import os, sys
from realtime.live.frame_slot import FrameSlot
from realtime.live.worker_pool import WorkerPool
slot, worker = FrameSlot(1000), WorkerPool().worker(0)
worker.request("ready")
print(slot.name, worker.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared memory is elsewhere on this system")
@pytest.mark.parametrize("how", [signal.SIGKILL, None], ids=["killed", "exit"])
def test_a_server_that_ends_leaves_neither_memory_nor_workers(how: signal.Signals | None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stdin is not None
        slot, pid = server.stdout.readline().split()
        assert (SHARED / slot).exists()
        if how is None:
            server.stdin.close()
        else:
            server.send_signal(how)
        wait_until(lambda: not (SHARED / slot).exists() and not Path(f"/proc/{pid}").exists())


def test_without_shared_memory_frames_are_part_of_the_request(
    processor: WorkerProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    frame = clip(1, 1)[0]
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full, raising=False)
        before = slots()
        with pytest.raises(OSError, match="No space"):
            FrameSlot(1000)
        done = processor.process(frame, job(0, annotate=True))
        assert slots() == before
    assert done.result is not None
    assert done.picture is not None
    assert done.picture.shape == frame.shape


def test_workers_import_little() -> None:
    code = (
        "import sys, realtime.live.worker;"
        "print(*{m.partition('.')[0] for m in sys.modules}"
        " & {'streamlit', 'aiortc', 'av', 'pandas', 'scipy', 'tensorflow', 'mediapipe'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
