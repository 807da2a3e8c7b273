"""Background jobs on videos: results, progress, cancellation and failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.arrays import Frame
from realtime.core.settings import AnalysisSettings, DrawSettings, Hiding
from realtime.core.shutdown import stop_background_work
from realtime.detect import DetectorMissingError
from realtime.engine.pipeline import Pipeline
from realtime.video import job as video_job
from realtime.video.job import UNEXPECTED_ERROR, VideoJob, VideoResult, VideoSettings
from realtime.video.progress import Progress, State
from realtime.video.upload import VideoUpload, open_upload
from tests.video.clips import TONE_HZ, heard, make_clip, rotated, shown

WAIT_S = 120


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Jobs wait before their third frame until this event is set."""
    event, process = threading.Event(), Pipeline.process

    def slow(self: Pipeline, frame_bgr: Frame, now_s: float) -> object:
        if now_s > 0.15:
            assert event.wait(WAIT_S)
        return process(self, frame_bgr, now_s)

    monkeypatch.setattr(Pipeline, "process", slow)
    yield event
    event.set()


def test_a_job_ends_when_the_server_does(moving: list[Frame], gate: threading.Event) -> None:
    job = VideoJob(make_upload(make_clip(moving)), VideoSettings())
    threading.Timer(0.5, gate.set).start()
    assert stop_background_work(WAIT_S) == 0
    assert job.state is State.CANCELLED


def make_upload(data: bytes, name: str = "clip.mp4") -> VideoUpload:
    return open_upload(name, data)


def run(data: bytes, settings: VideoSettings | None = None) -> VideoResult:
    job = VideoJob(make_upload(data), settings or VideoSettings())
    job.join(WAIT_S)
    assert (job.state, job.problem) == (State.DONE, "")
    assert job.result is not None
    return job.result


@pytest.mark.parametrize(
    ("kind", "video", "sound"),
    [
        ("mp4", "libx264", "aac"),
        ("webm", "libvpx", "libopus"),
        ("matroska", "libx264", "flac"),
        ("mov", "libx264", "pcm_s16le"),
    ],
)
def test_video_and_sound_keep_their_duration(
    moving: list[Frame], kind: str, video: str, sound: str
) -> None:
    result = run(make_clip(moving, kind, video=video, sound=sound))
    codec, size_wh, times_s, seconds = shown(result.mp4)
    assert (codec, size_wh) == ("h264", (320, 240))
    assert times_s == pytest.approx([i / 10 for i in range(12)], abs=0.02)
    assert seconds == pytest.approx(1.2, abs=0.03)
    name, heard_s, loudest_hz = heard(result.mp4)
    assert name == "aac"
    assert heard_s == pytest.approx(1.2, abs=0.1)
    assert loudest_hz == pytest.approx(TONE_HZ, abs=5)
    assert result.damaged == 0


def test_a_video_without_sound_stays_silent(moving: list[Frame]) -> None:
    data = run(make_clip(moving, sound=None)).mp4
    assert shown(data)[2] == pytest.approx([i / 10 for i in range(12)], abs=0.02)
    with pytest.raises(IndexError):
        heard(data)


def test_the_table_and_the_best_view(moving: list[Frame]) -> None:
    result = run(make_clip(moving))
    rows = result.table.rows()
    assert set(rows["track_id"]) == {1}
    assert len(rows) >= 10
    assert result.times_s == pytest.approx(np.arange(12) / 10, abs=0.02)
    view = cv2.imdecode(np.frombuffer(result.views_jpg[1], np.uint8), cv2.IMREAD_COLOR)
    assert 60 <= max(view.shape) <= 224
    assert list(result.views_jpg) == [1]


def test_rotation_metadata_is_applied(moving: list[Frame]) -> None:
    """Frames are stored sideways with a rotation matrix; the face is detected once upright."""
    sideways = [np.ascontiguousarray(np.rot90(frame)) for frame in moving]
    result = run(rotated(make_clip(sideways), (0, 1, -1, 0)))
    assert shown(result.mp4)[1] == (320, 240)
    assert len(result.table) >= 10


def test_faces_are_hidden_in_video_and_views(moving: list[Frame]) -> None:
    plain = run(make_clip(moving), VideoSettings(draw=DrawSettings(boxes=False, labels=False)))
    hidden = run(
        make_clip(moving),
        VideoSettings(draw=DrawSettings(boxes=False, labels=False, hiding=Hiding.PIXELATE)),
    )
    for name in ("video", "view"):
        detail = [_detail(_picture(result, name)) for result in (plain, hidden)]
        assert detail[1] < 0.3 * detail[0], name


def _picture(result: VideoResult, name: str) -> Frame:
    if name == "view":
        data = np.frombuffer(result.views_jpg[1], np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    from realtime.media.video_reader import VideoReader

    x0, y0, x1, y1 = (int(v) for v in result.table.rows()[["x0", "y0", "x1", "y1"]][-1])
    with VideoReader(result.mp4) as reader:
        frame = list(reader)[-1].frame_bgr
    return frame[y0:y1, x0:x1]


def _detail(picture: Frame) -> float:
    """Amount of fine detail: median absolute value of the Laplacian."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return float(np.median(np.abs(cv2.Laplacian(gray, cv2.CV_32F))))


def test_progress_reaches_the_end(moving: list[Frame], gate: threading.Event) -> None:
    job = VideoJob(make_upload(make_clip(moving)), VideoSettings())
    while job.progress.done < 2:
        assert job.running
    assert 0 < job.progress.share < 1
    assert job.progress.left_s
    gate.set()
    job.join(WAIT_S)
    assert not job.running
    assert (job.progress.done, job.progress.share, job.progress.left_s) == (12, 1, 0)


def test_the_remaining_time_is_unknown_before_the_first_frame() -> None:
    assert (Progress(0, 0, 0).share, Progress(0, 9, 0).left_s) == (0, None)
    assert (Progress(30, 90, 20).share, Progress(30, 90, 20).left_s) == (pytest.approx(1 / 3), 3)


def test_a_cancelled_job_leaves_no_threads_or_files(
    moving: list[Frame], gate: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(threading.enumerate())
    job = VideoJob(make_upload(make_clip(moving)), VideoSettings())
    while job.progress.done < 2:
        assert job.running
    job.cancel()
    gate.set()
    job.join(WAIT_S)
    assert (job.state, job.result, job.problem) == (State.CANCELLED, None, "")
    assert job.progress.done == 2
    assert set(threading.enumerate()) <= before
    assert list(tmp_path.iterdir()) == []


def test_jobs_beyond_the_limit_wait(moving: list[Frame], gate: threading.Event) -> None:
    upload = make_upload(make_clip(moving))
    jobs = [VideoJob(upload, VideoSettings()) for _ in range(video_job.MAX_CONCURRENT_JOBS)]
    while any(job.progress.done < 2 for job in jobs):
        assert all(job.running for job in jobs)
    waiting, cancelled = VideoJob(upload, VideoSettings()), VideoJob(upload, VideoSettings())
    assert (waiting.state, cancelled.state) == (State.WAITING, State.WAITING)
    cancelled.cancel()
    cancelled.join(WAIT_S)
    assert (waiting.state, cancelled.state) == (State.WAITING, State.CANCELLED)
    gate.set()
    for job in (*jobs, waiting):
        job.join(WAIT_S)
        assert job.state is State.DONE


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (DetectorMissingError("Not installed."), "Not installed."),
        (RuntimeError("a detail for the log"), UNEXPECTED_ERROR),
    ],
)
def test_a_failure_is_reported_and_frees_the_slot(
    moving: list[Frame], error: Exception, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise error

    upload = make_upload(make_clip(moving))
    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "process", broken)
        for _ in range(video_job.MAX_CONCURRENT_JOBS + 1):
            job = VideoJob(upload, VideoSettings())
            job.join(WAIT_S)
            assert (job.state, job.problem, job.result) == (State.FAILED, problem, None)
    settings = VideoSettings(
        AnalysisSettings(detector="blazeface-short", attributes=frozenset(ATTRIBUTES))
    )
    job = VideoJob(upload, settings)
    job.join(WAIT_S)
    assert job.state is State.DONE


def test_a_damaged_end_is_skipped(moving: list[Frame]) -> None:
    webm = make_clip(moving * 3, "webm", video="libvpx", sound=None)
    result = run(webm[: 2 * len(webm) // 3])
    assert 3 <= len(result.times_s) < 36
    assert len(shown(result.mp4)[2]) == len(result.times_s)
