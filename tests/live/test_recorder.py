"""Recordings: a file that plays, with the duration and the sound of what was fed in."""

from __future__ import annotations

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

from realtime.live.recorder import MOST_WAITING, NOTHING, UNWRITABLE, Limits, Recorder
from realtime.live.recording_file import SOUND_RATE, RecordingFile
from realtime.media.frames import to_bgr, to_video

WAIT_S = 60.0
SAMPLES = SOUND_RATE // 50  # 20 ms, as browsers send it
START_S = 1000.0  # a monotonic clock's


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; each test leaves none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def picture(number: int, *, width: int = 64, height: int = 48) -> VideoFrame:
    return to_video(np.full((height, width, 3), 20 + number % 200, np.uint8))


def beep(k: int, *, loud: bool) -> AudioFrame:
    """The k-th 20 ms of a microphone, stereo: a tone or quiet."""
    t = (np.arange(SAMPLES) + k * SAMPLES) / SOUND_RATE
    tone = (12_000 * loud * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    frame = AudioFrame.from_ndarray(np.repeat(tone, 2)[None], format="s16", layout="stereo")
    frame.sample_rate = SOUND_RATE
    frame.pts, frame.time_base = 7_000_000 + k * SAMPLES, Fraction(1, SOUND_RATE)
    return frame


def fed(recorder: Recorder, *, seconds: float, fps: int = 20) -> Recorder:
    """Feed pictures and, where it records sound, a tone in the second half; wait for the end."""
    for k in range(round(seconds * 100)):
        now_s = START_S + k / 100
        if k % (100 // fps) == 0:
            recorder.see(picture(k), now_s)
        if k % 2 == 0:
            recorder.hear(beep(k // 2, loud=k / 100 >= seconds / 2), now_s + 0.02)
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


def opened(recorder: Recorder) -> av.container.InputContainer:
    assert recorder.mp4 is not None
    return av.open(io.BytesIO(recorder.mp4))


def loudness(container: av.container.InputContainer) -> np.ndarray:
    """The sound's samples, one channel, from the container's start."""
    return np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])


def test_a_silent_recording_plays_and_keeps_its_duration() -> None:
    with opened(fed(Recorder(), seconds=3)) as container:
        assert [s.type for s in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.name == "h264"
        times = [float(f.time) for f in container.decode(video=0)]
    assert len(times) == 60
    assert times[0] == 0
    assert times[-1] == pytest.approx(2.95, abs=0.01)


def test_sound_is_kept_in_step_with_the_picture() -> None:
    with opened(fed(Recorder(sound=True), seconds=4)) as container:
        assert {s.codec_context.name for s in container.streams} == {"h264", "aac"}
        sound = np.abs(loudness(container))
    assert len(sound) / SOUND_RATE == pytest.approx(4, abs=0.1)
    first_loud = int(np.argmax(sound > 0.1)) / SOUND_RATE
    assert first_loud == pytest.approx(2, abs=0.08)
    assert sound[: int(1.8 * SOUND_RATE)].max() < 0.02


def test_sound_ends_with_the_last_picture() -> None:
    recorder = Recorder(sound=True)
    for k in range(100):
        if k < 50:  # then the pictures stay away for a second
            recorder.see(picture(k), START_S + k / 50)
        recorder.hear(beep(k, loud=True), START_S + k / 50)
        until(lambda: len(recorder._frames) < 5)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    with opened(recorder) as container:
        assert len(loudness(container)) / SOUND_RATE == pytest.approx(1, abs=0.1)


def test_sound_that_was_lost_on_the_way_is_silence_and_the_rest_stays_in_step(folder: Path) -> None:
    path = folder / "gap.mp4"
    file = RecordingFile(path, sound=True)
    for k in range(200):
        file.see(picture(k), START_S + k / 50)
        if not 50 <= k < 150:  # two seconds are missing
            file.hear(beep(k, loud=k >= 150), START_S + (k + 1) / 50)
    file.close()
    with av.open(str(path)) as container:
        sound = np.abs(loudness(container))
    path.unlink()
    assert int(np.argmax(sound > 0.1)) / SOUND_RATE == pytest.approx(3, abs=0.08)


def test_a_burst_after_a_stall_is_not_taken_for_a_gap(folder: Path) -> None:
    path = folder / "burst.mp4"
    file = RecordingFile(path, sound=True)
    for k in range(100):
        file.see(picture(k), START_S + k / 50)
        arrival_k = max(k, 40) if k >= 20 else k  # 20..39 come together, 0.4 s late
        file.hear(beep(k, loud=True), START_S + (arrival_k + 1) / 50)
    file.close()
    with av.open(str(path)) as container:
        sound = np.abs(loudness(container))
    path.unlink()
    assert len(sound) / SOUND_RATE == pytest.approx(2, abs=0.1)
    windows = sound[: len(sound) // SAMPLES * SAMPLES].reshape(-1, SAMPLES).max(axis=1)
    assert (windows[2:98] > 0.1).all()  # nothing was cut out and no silence put in


def test_the_frames_that_waited_longest_are_left_out_and_counted() -> None:
    recorder = Recorder()
    with recorder._changed:  # as if the encoder were busy
        for k in range(MOST_WAITING + 7):
            recorder.see(picture(k), START_S + k / 30)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    assert recorder.dropped == 7
    with opened(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) == MOST_WAITING


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [(Limits(seconds=30), "after 0.5 minutes"), (Limits(megabytes=0.001), "at 0.001 MB")],
)
def test_a_recording_stops_by_itself_and_says_so(limits: Limits, sentence: str) -> None:
    recorder = Recorder(limits=limits)
    for k in range(200):
        if recorder.recording:
            until(lambda: not recorder._frames)
            recorder.see(picture(k), START_S + k)
    assert recorder.wait(WAIT_S)
    assert not recorder.recording
    assert sentence in str(recorder.notice)
    with opened(recorder) as container:
        assert sum(1 for _ in container.decode(video=0)) < 200


def test_nothing_to_record_is_said() -> None:
    recorder = Recorder(sound=True)
    recorder.hear(beep(0, loud=True), START_S)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    assert (recorder.mp4, recorder.notice) == (None, NOTHING)


def test_a_disk_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordingFile, "see", full)
    recorder = Recorder()
    recorder.see(picture(0), START_S)
    assert recorder.wait(WAIT_S)
    assert (recorder.mp4, recorder.notice) == (None, UNWRITABLE)
    assert not recorder.recording


def test_a_phone_that_is_turned_keeps_its_shape_between_bars() -> None:
    recorder = Recorder()
    for k in range(5):
        recorder.see(picture(150, width=64, height=48), START_S + k / 10)
    for k in range(5, 10):
        recorder.see(picture(150, width=48, height=64), START_S + k / 10)
    recorder.stop()
    assert recorder.wait(WAIT_S)
    with opened(recorder) as container:
        last = to_bgr(list(container.decode(video=0))[-1], mirror=False)
    assert last.shape == (48, 64, 3)
    assert last[24, 32].mean() > 140
    assert last[24, 2].mean() < 40 > last[24, 61].mean()
