"""Videos that ask for too much: refused, or analysed up to a limit and kept."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import av
import pytest

from realtime.core.arrays import Frame
from realtime.engine.pipeline import Pipeline
from realtime.media import limits
from realtime.media.sound import SoundCopier
from realtime.media.video_reader import VideoError
from realtime.media.video_writer import VideoWriter
from realtime.video.job import VideoJob, VideoSettings
from realtime.video.progress import State
from realtime.video.upload import open_upload
from tests.video.clips import make_clip, shown
from tests.video.hostile import with_changing_size, with_long_sound, with_many_frames

WAIT_S = 120
SETTINGS = VideoSettings()


@pytest.fixture
def on_third_frame(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Does something when a job is at its third frame."""

    def register(action: Callable[[], None]) -> None:
        process = Pipeline.process

        def processed(self: Pipeline, frame_bgr: Frame, now_s: float) -> object:
            if 0.15 < now_s < 0.25:
                action()
            return process(self, frame_bgr, now_s)

        monkeypatch.setattr(Pipeline, "process", processed)

    return register


def ended(data: bytes, name: str = "clip.mp4") -> VideoJob:
    job = VideoJob(open_upload(name, data), SETTINGS)
    job.join(WAIT_S)
    return job


@pytest.mark.parametrize("kind", ["mp4", "matroska"])
def test_too_many_frames_are_refused_up_front(
    moving: list[Frame], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_clip(moving, kind, sound=None)
    monkeypatch.setattr(limits, "MAX_VIDEO_FRAMES", 11)
    sentence = r"^clip has more than 11 frames\. Cut it into shorter parts\.$"
    with pytest.raises(VideoError, match=sentence):
        open_upload("clip", data)
    monkeypatch.setattr(limits, "MAX_VIDEO_FRAMES", 12)
    assert open_upload("clip", data).frames == 12


def test_a_file_that_takes_too_long_to_read_is_refused(
    moving: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_VIDEO_OPEN_S", -1.0)
    with pytest.raises(VideoError, match="takes too long to read"):
        open_upload("clip.mp4", make_clip(moving))


def test_frames_beyond_the_limit_are_left_out_and_the_others_kept(
    moving: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = open_upload("clip.mp4", make_clip(moving))
    monkeypatch.setattr(limits, "MAX_VIDEO_FRAMES", 5)  # as if the container had lied
    job = VideoJob(upload, SETTINGS)
    job.join(WAIT_S)
    assert job.state is State.DONE
    assert job.result is not None
    assert len(job.result.times_s) == len(shown(job.result.mp4)[2]) == 5
    assert job.result.notice == (
        "Only the first 5 frames of clip.mp4 were analysed because it has more than 5 frames: "
        "cut it into shorter parts to analyse the rest."
    )


def test_a_whole_video_has_no_notice(moving: list[Frame]) -> None:
    job = ended(make_clip(moving[:3]))
    assert job.result is not None
    assert job.result.notice == ""


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("MAX_VIDEO_JOB_S", "the analysis took 0 hours"),
        ("MAX_VIDEO_OUTPUT_BYTES", "the annotated video exceeds 0 MB"),
    ],
)
def test_a_job_stops_at_its_limits_and_keeps_what_it_has(
    limit: str,
    reason: str,
    on_third_frame: Callable[[Callable[[], None]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_third_frame(lambda: monkeypatch.setattr(limits, limit, 0))
    write = VideoWriter.write

    def written(self: VideoWriter, *arguments: object) -> None:
        write(self, *arguments)  # type: ignore[arg-type]
        self.size_bytes += 1  # x264 holds its first frames back

    monkeypatch.setattr(VideoWriter, "write", written)
    job = ended(with_many_frames(90))
    assert job.state is State.DONE
    assert job.result is not None
    assert 3 <= len(job.result.times_s) < 90
    assert len(shown(job.result.mp4)[2]) == len(job.result.times_s)
    assert reason in job.result.notice


def test_a_job_that_got_nowhere_fails_with_a_sentence(
    moving: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_VIDEO_JOB_S", -1.0)
    job = ended(make_clip(moving))
    assert (job.state, job.result) == (State.FAILED, None)
    assert "takes too long" in job.problem


def test_a_stream_that_becomes_too_large_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = with_changing_size("mjpeg", [(64, 64)] * 5 + [(512, 512)])
    monkeypatch.setattr(limits, "MAX_VIDEO_PIXELS", 200 * 200)
    job = ended(data)
    assert (job.state, job.result) == (State.FAILED, None)
    assert job.problem == "clip.mp4 has frames that exceed 4K. Use a smaller copy."


def test_sound_of_an_hour_ends_after_the_picture() -> None:
    job = ended(with_long_sound(3600))
    assert job.result is not None
    with av.open(io.BytesIO(job.result.mp4)) as file:
        assert file.duration is not None
        assert 8 < file.duration / 1e6 < 12


def test_a_job_is_cancelled_while_it_writes_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is done, then comes an hour of sound."""
    monkeypatch.setattr(limits, "MAX_SOUND_AFTER_PICTURE_S", 3600.0)
    reached, cancelled, after = threading.Event(), threading.Event(), []
    write = SoundCopier._write_encoded

    def slow(self: SoundCopier, *arguments: object) -> None:
        if self._end_s > 1:
            reached.set()
            assert cancelled.wait(WAIT_S)
            after.append(self._end_s)
        write(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(SoundCopier, "_write_encoded", slow)
    job = VideoJob(open_upload("clip.mkv", with_long_sound(3600)), SETTINGS)
    assert reached.wait(WAIT_S)
    job.cancel()
    cancelled.set()
    job.join(WAIT_S)
    assert (job.state, job.result) == (State.CANCELLED, None)
    assert len(after) == 1
