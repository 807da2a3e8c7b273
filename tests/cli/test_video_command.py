"""`python -m realtime video`: JSON lines, annotated MP4 and error messages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from realtime.__main__ import main
from realtime.detect import DETECTORS
from realtime.video import VideoError, VideoReader, VideoWriter
from tests.cli.conftest import ROOT, Run


def test_json_lines_and_annotated_video(run: Run, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = run("video", clip, "--out", out, "--jsonl", "-")
    assert done.returncode == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["frame"] for r in records] == list(range(20))
    assert [r["time_s"] for r in records] == pytest.approx([i / 10 for i in range(20)], abs=0.002)
    assert {(r["width"], r["height"]) for r in records} == {(321, 241)}
    assert [[f["track_id"] for f in r["faces"]] for r in records[3:]] == [[1]] * 17
    assert "frames" in done.stderr  # the progress bar
    assert "INFO" not in done.stderr
    with av.open(str(out)) as file:
        video, sound = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == (322, 242)
        assert sound.codec_context.name == "aac"
        times = [frame.time for frame in file.decode(video)]
    assert times == pytest.approx([i / 10 for i in range(20)], abs=0.002)
    with av.open(str(out)) as file:
        assert sum(frame.samples for frame in file.decode(audio=0)) >= 30_000
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_summary_without_output_files(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["video", str(clip)]) == 0
    assert capsys.readouterr().out.strip().endswith("20 frames, 1 face")


@pytest.mark.parametrize("name", [n for n in DETECTORS if n != "blazeface-full"])
def test_any_detector_starts_a_track(
    name: str, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["video", str(clip), "--detector", name]) == 0
    assert capsys.readouterr().out.strip().endswith("20 frames, 1 face")


@pytest.fixture
def bad(tmp_path: Path, clip: Path) -> dict[str, Path]:
    text, empty, cut = tmp_path / "text.mp4", tmp_path / "empty.mp4", tmp_path / "cut.mkv"
    text.write_text("not a video")
    empty.touch()
    cut.write_bytes(clip.read_bytes()[:700])
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
        frame.sample_rate = 8000
        file.mux(stream.encode(frame))
    return {"text": text, "empty": empty, "cut": cut, "sound": sound, "none": tmp_path / "none"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("text", "not a video"),
        ("empty", "not a video"),
        ("cut", "damaged"),
        ("sound", "only sound"),
        ("none", "No such file"),
    ],
)
def test_invalid_videos_are_explained(
    name: str,
    message: str,
    bad: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, lines = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    assert main(["video", str(bad[name]), "--out", str(out), "--jsonl", str(lines)]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in error
    assert not out.exists()
    assert not lines.exists()
    assert [p for p in tmp_path.iterdir() if ".part" in p.name] == []


def test_unwritable_output_is_explained(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["video", str(clip), "--out", str(tmp_path / "none" / "out.mp4")]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
    assert main(["video", str(clip), "--jsonl", str(tmp_path / "none" / "a.jsonl")]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err


def test_the_input_is_never_overwritten(clip: Path, tmp_path: Path) -> None:
    copy = tmp_path / "same.mp4"
    copy.write_bytes(clip.read_bytes())
    assert main(["video", str(copy), "--out", str(copy)]) == 1
    assert copy.read_bytes() == clip.read_bytes()


def test_an_interrupted_writer_keeps_the_existing_file(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("existing file")

    def write_and_fail() -> None:
        with VideoReader(clip) as reader, VideoWriter(out, sound_of=reader) as writer:
            for frame in reader:
                writer.write(frame.frame_bgr, frame.time_s)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert out.read_text() == "existing file"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize(
    ("matrix", "white_at"),
    [
        ((1, 0, 0, 1), (0, 0)),
        ((0, 1, -1, 0), (0, -1)),  # displayed rotated by 90° clockwise: top left moves to top right
        ((-1, 0, 0, -1), (-1, -1)),
        ((0, -1, 1, 0), (-1, 0)),
    ],
)
def test_rotation_in_the_metadata_is_honoured(
    matrix: tuple[int, int, int, int], white_at: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "rotated.mp4"
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:24, :24] = 255
    with VideoWriter(path) as writer:
        writer.write(picture, 0)
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40  # version 0: the matrix follows 40 bytes of fields
    a, b, c, d = (value * 65536 for value in matrix)
    values = (a, b, 0, c, d, 0, 0, 0, 0x40000000)
    data[start : start + 36] = b"".join(v.to_bytes(4, "big", signed=True) for v in values)
    path.write_bytes(data)
    with VideoReader(path) as reader:
        frame = next(iter(reader)).frame_bgr
    assert frame.shape[:2] == ((64, 96) if b == 0 else (96, 64))
    rows, columns = (12 if v == 0 else -12 for v in white_at)
    assert frame[rows, columns].min() > 200
    assert frame.mean() < 60


def test_closing_a_writer_without_frames_leaves_nothing(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_a_video(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"\.$"):
        VideoReader(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_not_a_file_is_refused_at_once(run: Run, tmp_path: Path) -> None:
    """Nobody writes to these: reading them would wait for ever."""
    pipe, folder = tmp_path / "pipe.mp4", tmp_path / "folder.mp4"
    os.mkfifo(pipe)
    folder.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "socket.mp4"))
        for path in (pipe, tmp_path / "socket.mp4", Path("/dev/zero")):
            done = run("video", path)
            assert (done.returncode, done.stderr) == (
                1, f"{path} is not a regular file. Save the video to disk first.\n"
            )  # fmt: skip
        done = run("photo", pipe)
        assert done.returncode == 1
        assert "not a regular file" in done.stderr
    assert main(["video", str(folder)]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/stdin differs between systems")
def test_standard_input_may_be_a_file_but_not_a_pipe(clip: Path) -> None:
    command = [sys.executable, "-m", "realtime", "video", "/dev/stdin"]
    with clip.open("rb") as file:
        done = subprocess.run(command, cwd=ROOT, stdin=file, capture_output=True, text=True)
    assert done.stdout == "/dev/stdin: 20 frames, 1 face\n"
    waiting = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with waiting:
        assert waiting.wait(60) == 1  # while its standard input is open
        assert waiting.stderr is not None
        assert "not a regular file" in waiting.stderr.read()
