"""Recordings: duration, sound, limits and failures."""

from __future__ import annotations

import errno
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av import AudioFrame, VideoFrame

from realtime.live.recorder import (
    ENDED_EARLY,
    MAX_QUEUED_FRAMES,
    NO_FRAMES,
    RECORDING_FAILED,
    Recorder,
    RecordingLimits,
)
from realtime.live.recording_file import SAMPLE_RATE_HZ, RecordingFile
from realtime.media.frames import to_bgr, to_video

WAIT_S = 60.0
SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms, as browsers send it
START_S = 1000.0  # of a monotonic clock


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; it must be empty after each test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def picture(number: int, *, width: int = 64, height: int = 48) -> VideoFrame:
    return to_video(np.full((height, width, 3), 20 + number % 200, np.uint8))


def beep(k: int, *, loud: bool) -> AudioFrame:
    """The k-th 20 ms of microphone audio, stereo: a tone or silence."""
    t = (np.arange(SAMPLES) + k * SAMPLES) / SAMPLE_RATE_HZ
    tone = (12_000 * loud * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    frame = AudioFrame.from_ndarray(np.repeat(tone, 2)[None], format="s16", layout="stereo")
    frame.sample_rate = SAMPLE_RATE_HZ
    frame.pts, frame.time_base = 7_000_000 + k * SAMPLES, Fraction(1, SAMPLE_RATE_HZ)
    return frame


def record(recorder: Recorder, *, seconds: float, fps: int = 20) -> Recorder:
    """Record frames, and a tone in the second half; wait for the end."""
    for k in range(round(seconds * 100)):
        now_s = START_S + k / 100
        if k % (100 // fps) == 0:
            recorder.add_frame(picture(k), now_s)
        if k % 2 == 0:
            recorder.add_sound(beep(k // 2, loud=k / 100 >= seconds / 2), now_s + 0.02)
        if k % 50 == 0:
            until(lambda: len(recorder._frames) < 5)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    return recorder


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def open_mp4(recorder: Recorder) -> av.container.InputContainer:
    assert recorder.mp4 is not None
    return av.open(io.BytesIO(recorder.mp4))


def samples(container: av.container.InputContainer) -> np.ndarray:
    """Audio samples of one channel, from the start of the container."""
    return np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])


def test_a_recording_without_sound_keeps_its_duration() -> None:
    with open_mp4(record(Recorder(), seconds=3)) as container:
        assert [s.type for s in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.name == "h264"
        times = [float(f.time) for f in container.decode(video=0)]
    assert len(times) == 60
    assert times[0] == 0
    assert times[-1] == pytest.approx(2.95, abs=0.01)


def test_sound_is_synchronised_with_the_picture() -> None:
    with open_mp4(record(Recorder(sound=True), seconds=4)) as container:
        assert {s.codec_context.name for s in container.streams} == {"h264", "aac"}
        sound = np.abs(samples(container))
    assert len(sound) / SAMPLE_RATE_HZ == pytest.approx(4, abs=0.1)
    first_loud = int(np.argmax(sound > 0.1)) / SAMPLE_RATE_HZ
    assert first_loud == pytest.approx(2, abs=0.08)
    assert sound[: int(1.8 * SAMPLE_RATE_HZ)].max() < 0.02


def test_sound_ends_with_the_last_frame() -> None:
    recorder = Recorder(sound=True)
    for k in range(100):
        if k < 50:  # no frames in the last second
            recorder.add_frame(picture(k), START_S + k / 50)
        recorder.add_sound(beep(k, loud=True), START_S + k / 50)
        until(lambda: len(recorder._frames) < 5)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    with open_mp4(recorder) as container:
        assert len(samples(container)) / SAMPLE_RATE_HZ == pytest.approx(1, abs=0.1)


def test_lost_sound_becomes_silence_and_the_rest_stays_synchronised(folder: Path) -> None:
    path = folder / "gap.mp4"
    file = RecordingFile(path, sound=True)
    for k in range(200):
        file.add_frame(picture(k), START_S + k / 50)
        if not 50 <= k < 150:  # two seconds are missing
            file.add_sound(beep(k, loud=k >= 150), START_S + (k + 1) / 50)
    file.close()
    with av.open(str(path)) as container:
        sound = np.abs(samples(container))
    path.unlink()
    assert int(np.argmax(sound > 0.1)) / SAMPLE_RATE_HZ == pytest.approx(3, abs=0.08)


def test_a_burst_after_a_stall_adds_no_silence(folder: Path) -> None:
    path = folder / "burst.mp4"
    file = RecordingFile(path, sound=True)
    for k in range(100):
        file.add_frame(picture(k), START_S + k / 50)
        arrival_k = max(k, 40) if k >= 20 else k  # 20..39 arrive together, up to 0.4 s late
        file.add_sound(beep(k, loud=True), START_S + (arrival_k + 1) / 50)
    file.close()
    with av.open(str(path)) as container:
        sound = np.abs(samples(container))
    path.unlink()
    assert len(sound) / SAMPLE_RATE_HZ == pytest.approx(2, abs=0.1)
    windows = sound[: len(sound) // SAMPLES * SAMPLES].reshape(-1, SAMPLES).max(axis=1)
    assert (windows[2:98] > 0.1).all()  # nothing removed, no silence inserted


def test_the_oldest_queued_frames_are_dropped_and_counted() -> None:
    recorder = Recorder()
    with recorder._changed:  # blocks the encoder
        for k in range(MAX_QUEUED_FRAMES + 7):
            recorder.add_frame(picture(k), START_S + k / 30)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    assert recorder.dropped == 7
    with open_mp4(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) == MAX_QUEUED_FRAMES


@pytest.mark.parametrize(
    ("limits", "notice"),
    [
        (RecordingLimits(seconds=30), "limit of 0.5 minutes"),
        (RecordingLimits(megabytes=0.001), "limit of 0.001 MB"),
    ],
)
def test_a_recording_stops_at_its_limits(limits: RecordingLimits, notice: str) -> None:
    recorder = Recorder(limits=limits)
    for k in range(200):
        if recorder.recording:
            until(lambda: not recorder._frames)
            recorder.add_frame(picture(k), START_S + k)
    assert recorder.wait(WAIT_S)
    assert not recorder.recording
    assert notice in str(recorder.notice)
    with open_mp4(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) < 200


def test_a_recording_without_frames_is_reported() -> None:
    recorder = Recorder(sound=True)
    recorder.add_sound(beep(0, loud=True), START_S)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    assert (recorder.mp4, recorder.notice) == (None, NO_FRAMES)


def test_a_full_disk_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("builtins.open", full)
    monkeypatch.setattr("os.mkdir", full)
    monkeypatch.setattr("os.open", full)
    monkeypatch.setattr(tempfile, "tempdir", "/dev/full")
    recorder = Recorder()
    for k in range(10):
        recorder.add_frame(picture(k), START_S + k / 10)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    assert recorder.notice is None
    with open_mp4(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) == 10


def test_an_error_ends_a_recording_and_keeps_what_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_frame = RecordingFile.add_frame

    def broken(self: RecordingFile, frame: VideoFrame, time_s: float) -> None:
        if time_s >= START_S + 0.5:
            raise OSError(errno.ENOSPC, "No space left on device")
        add_frame(self, frame, time_s)

    monkeypatch.setattr(RecordingFile, "add_frame", broken)
    recorder = Recorder()
    for k in range(10):
        recorder.add_frame(picture(k), START_S + k / 10)
    assert recorder.wait(WAIT_S)
    assert recorder.notice == ENDED_EARLY
    assert not recorder.recording
    with open_mp4(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5


def test_an_error_at_the_first_frame_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("an encoder's bug")

    monkeypatch.setattr(RecordingFile, "add_frame", broken)
    recorder = Recorder()
    recorder.add_frame(picture(0), START_S)
    assert recorder.wait(WAIT_S)
    assert (recorder.mp4, recorder.notice) == (None, RECORDING_FAILED)


def test_a_rotated_phone_gets_black_bars() -> None:
    recorder = Recorder()
    for k in range(5):
        recorder.add_frame(picture(150, width=64, height=48), START_S + k / 10)
    for k in range(5, 10):
        recorder.add_frame(picture(150, width=48, height=64), START_S + k / 10)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    with open_mp4(recorder) as container:
        last = to_bgr(list(container.decode(video=0))[-1], mirror=False)
    assert last.shape == (48, 64, 3)
    assert last[24, 32].mean() > 140
    assert last[24, 2].mean() < 40 > last[24, 61].mean()
