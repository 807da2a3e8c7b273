"""Videos made to take gigabytes when they are opened, and what happens to their process."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from realtime.engine.networks import Networks
from realtime.media import video_check, worker_process
from realtime.media.video_check import VideoLength, check_video
from realtime.media.video_check_worker import RemoteFile
from realtime.media.video_file import VideoError
from realtime.media.worker_process import WorkerProcess
from realtime.video import analyze
from realtime.video.upload import open_upload
from tests.video.clips import make_clip
from tests.video.hostile import with_claimed_samples, with_many_frames

SAMPLES = 10_000_000  # 700 MB


@pytest.fixture(scope="module")
def clip() -> bytes:
    return make_clip([np.full((64, 64, 3), 9 * i, np.uint8) for i in range(3)], "mp4", sound=None)


@pytest.fixture
def needs_linux() -> None:
    if not os.path.exists("/proc/self/clear_refs"):
        pytest.skip("memory is read on Linux")


def peak_bytes() -> int:
    with open("/proc/self/status") as file:
        return next(int(v.split()[1]) * 1024 for v in file if v.startswith("VmHWM"))


@pytest.mark.usefixtures("needs_linux")
def test_an_upload_that_claims_many_samples_is_refused_without_taking_memory(clip: bytes) -> None:
    hostile = with_claimed_samples(clip, SAMPLES)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak starts anew
    before = peak_bytes()
    with pytest.raises(VideoError, match=r"^a\.mp4 takes too much memory to open\. Export it"):
        open_upload("a.mp4", hostile)
    assert peak_bytes() - before < 50e6


@pytest.mark.usefixtures("needs_linux")
def test_a_file_of_the_command_line_is_refused_too(
    clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyze, "MAX_LOCAL_VIDEO_INDEX_BYTES", 100_000_000)
    path = tmp_path / "a.mp4"
    path.write_bytes(with_claimed_samples(clip, SAMPLES))
    with pytest.raises(VideoError, match=r"a\.mp4 takes too much memory to open"):
        next(analyze.analyze_video(Networks(), path))


def test_frames_are_counted_up_to_a_limit(clip: bytes, tmp_path: Path) -> None:
    assert check_video(clip, "a.mp4", count_to=3) == VideoLength(frames=3, seconds=0.3)
    assert check_video(with_many_frames(50), "a.mkv", count_to=7).frames == 8
    path = tmp_path / "a.mp4"
    path.write_bytes(clip)
    assert check_video(path, "a.mp4", count_to=3).frames == 3
    assert check_video(path, "a.mp4").frames == 0


def test_a_refusal_comes_back_as_it_is() -> None:
    with pytest.raises(VideoError, match=r"^a\.mp4 is not a video or is damaged"):
        check_video(b"no video", "a.mp4")
    with pytest.raises(VideoError, match="cannot be read: No such file"):
        check_video(Path("missing.mp4"), "missing.mp4")


def test_a_process_that_is_lost_is_a_sentence(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_START", "raise SystemExit(1)  # {module}")
    with pytest.raises(VideoError, match="is not a video or is damaged"):
        check_video(clip, "a.mp4")


def test_a_process_that_takes_too_long_is_ended(
    clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[WorkerProcess] = []

    class Noted(WorkerProcess):
        def __init__(self, module: str) -> None:
            super().__init__(module)
            started.append(self)

    monkeypatch.setattr(video_check, "WorkerProcess", Noted)
    monkeypatch.setattr(worker_process, "_START", "import time; time.sleep(600)  # {module}")
    with pytest.raises(VideoError, match="takes too long to read"):
        check_video(clip, "a.mp4", max_s=0.1)
    assert not started[0].running


def test_no_free_process_is_a_sentence(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_check, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr("realtime.media.limits.MAX_VIDEO_OPEN_S", 0.01)
    with video_check._slots, pytest.raises(VideoError, match="busy: try again in a moment"):
        check_video(clip, "a.mp4")


def test_parts_of_an_upload_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(b"cdefgh")

    asked: list[object] = []
    monkeypatch.setattr("sys.stdin", Pipe)
    monkeypatch.setattr(
        "realtime.media.video_check_worker.answer", lambda **message: asked.append(message)
    )
    file = RemoteFile(8)
    assert file.seek(-6, os.SEEK_END) == 2
    assert file.read(4) == b"cdef"
    assert file.read() == b"gh"
    assert file.read(4) == b""
    assert asked == [{"read": [2, 4]}, {"read": [6, 2]}]
    assert file.seek(-9, os.SEEK_CUR) == 0
