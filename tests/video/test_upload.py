"""Validation of video uploads: supported formats, limits and error messages."""

from __future__ import annotations

import io
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from realtime.core.faces import Frame
from realtime.media import limits
from realtime.media.video_reader import VideoError, VideoReader
from realtime.video.upload import open_upload
from tests.video.clips import make_clip, rotated


@pytest.mark.parametrize(
    ("kind", "video", "sound"),
    [
        ("mp4", "libx264", "aac"),
        ("mov", "libx264", "pcm_s16le"),
        ("webm", "libvpx", "libopus"),
        ("matroska", "libx264", "flac"),
        ("mp4", "mpeg4", None),
    ],
)
def test_properties_of_a_valid_video(
    moving: list[Frame], kind: str, video: str, sound: str | None
) -> None:
    upload = open_upload("party.mp4", make_clip(moving, kind, video=video, sound=sound))
    assert upload.size_wh == (320, 240)
    assert upload.frames == 12
    assert upload.seconds == pytest.approx(1.2, abs=0.02)
    assert upload.sound == (sound is not None)
    poster = cv2.imdecode(np.frombuffer(upload.poster_jpg, np.uint8), cv2.IMREAD_COLOR)
    assert poster.shape == (240, 320, 3)


def test_a_recording_without_duration_is_counted(moving: list[Frame]) -> None:
    """Browsers stream their recordings to the file, with neither a duration nor an index."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    out = Pipe()
    with av.open(out, "w", format="webm", options={"live": "1"}) as file:
        stream = file.add_stream("libvpx", rate=10)
        stream.height, stream.width = moving[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in moving:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        file.mux(stream.encode())
    data = out.getvalue()
    with VideoReader(data) as reader:
        assert reader.frames is None
    upload = open_upload("recorded.webm", data)
    assert (upload.frames, upload.seconds) == (12, pytest.approx(1.2, abs=0.15))


def test_rotation_metadata_is_applied(moving: list[Frame]) -> None:
    upload = open_upload("phone.mp4", rotated(make_clip(moving), (0, 1, -1, 0)))
    assert upload.size_wh == (240, 320)


def test_large_frames_are_resized(astronaut: Frame) -> None:
    large = cv2.resize(astronaut, (2560, 1440))
    upload = open_upload("large.mp4", make_clip([large, large]))
    assert upload.size_wh == (1920, 1080)


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(VideoError) as caught:
        open_upload(name, data)
    message = str(caught.value)
    assert message.startswith(name)
    assert message.endswith(".")
    return message


@pytest.mark.parametrize(
    "data", [b"", b"Dear reader", b"\xff\xd8\xff" * 50, b"\x1aE\xdf\xa3" + b"\0" * 500]
)
def test_other_files_are_refused(data: bytes) -> None:
    assert "is not a video" in refusal("letter.mp4", data)


def test_damaged_videos_are_refused(moving: list[Frame]) -> None:
    data = make_clip(moving)
    assert "damaged" in refusal("cut.mp4", data[: len(data) // 2])  # MP4 has its index at the end
    webm = make_clip(moving, "webm", video="libvpx", sound=None)
    broken = webm[:300] + bytes(len(webm) - 300)
    assert "damaged" in refusal("broken.webm", broken)


def test_sound_without_video_is_refused(moving: list[Frame]) -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=8000)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 8000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    assert "only sound" in refusal("song.mp4", out.getvalue())
    with_cover = make_clip(moving[:1], video="mjpeg", cover=True)
    assert "only sound" in refusal("song.mp4", with_cover)


def test_videos_over_a_limit_are_refused(
    moving: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_clip(moving)
    monkeypatch.setattr(limits, "MAX_VIDEO_DURATION_S", 1.0)
    assert "minutes long" in refusal("long.mp4", data)
    monkeypatch.setattr(limits, "MAX_VIDEO_PIXELS", 320 * 240 - 1)
    assert "320 × 240 pixels" in refusal("wide.mp4", data)
    monkeypatch.setattr(limits, "MAX_VIDEO_UPLOAD_BYTES", len(data) - 1)
    assert "MB" in refusal("heavy.mp4", data)


def test_playlists_are_refused(moving: list[Frame], tmp_path: Path) -> None:
    """FFmpeg opens the files and addresses of a playlist, which uploads must not exploit."""
    (tmp_path / "secret.mp4").write_bytes(make_clip(moving))
    concat = f"ffconcat version 1.0\nfile '{tmp_path}/secret.mp4'\n"
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nfile://{tmp_path}/secret.mp4\n"
    for text in (concat, hls, hls + "#EXT-X-ENDLIST\n"):
        assert "is not a video" in refusal("list.mp4", text.encode())
