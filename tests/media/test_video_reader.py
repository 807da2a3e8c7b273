"""Reading of videos: shape of pixels, durations, and frames that are too large."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from realtime.core.faces import Frame
from realtime.media import limits
from realtime.media.frames import square_pixels
from realtime.media.video_reader import VideoError, VideoReader
from realtime.media.video_writer import VideoWriter
from tests.video.clips import make_clip, rotated, shown
from tests.video.hostile import gray, with_changing_size, with_irregular_frames, with_many_frames


def disc(aspect: Fraction, kind: str = "mp4") -> bytes:
    """A disc that is round once its pixels, `aspect` times as wide as high, are shown so."""
    picture = np.zeros((240, 320, 3), np.uint8)
    across = round(80 / float(aspect))
    cv2.ellipse(picture, (160, 120), (across, 80), 0, 0, 360, (255, 255, 255), -1)
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        video = file.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        video.codec_context.sample_aspect_ratio = aspect
        for i in range(3):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, 10)
            file.mux(video.encode(frame))
        file.mux(video.encode())
    return out.getvalue()


def width_to_height(picture: Frame) -> float:
    rows, columns = np.nonzero(picture[..., 0] > 128)
    return float(np.ptp(columns) / np.ptp(rows))


def display_aspect(mp4: bytes) -> float:
    """Width to height of a video as players show it."""
    with av.open(io.BytesIO(mp4)) as file:
        stream = file.streams.video[0]
        return stream.width / stream.height * float(stream.sample_aspect_ratio or 1)


@pytest.mark.parametrize("kind", ["mp4", "matroska"])
@pytest.mark.parametrize(
    ("aspect", "size_wh"), [(Fraction(3, 2), (480, 240)), (Fraction(2, 3), (320, 360))]
)
def test_pixels_that_are_not_square_are_stretched(
    aspect: Fraction, size_wh: tuple[int, int], kind: str, tmp_path: Path
) -> None:
    data, out = disc(aspect, kind), tmp_path / "out.mp4"
    with VideoReader(data) as reader, VideoWriter(out) as writer:
        for frame in reader:
            assert frame.frame_bgr.shape[1::-1] == size_wh
            assert width_to_height(frame.frame_bgr) == pytest.approx(1, abs=0.03)
            writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)
    assert display_aspect(out.read_bytes()) == pytest.approx(display_aspect(data), abs=0.01)


def test_stretching_comes_before_rotation() -> None:
    with VideoReader(rotated(disc(Fraction(3, 2)), (0, 1, -1, 0))) as reader:
        first = next(iter(reader)).frame_bgr
    assert first.shape == (480, 240, 3)
    assert width_to_height(first) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(
    ("aspect", "shape"),
    [
        (None, (90, 160)),
        (Fraction(0), (90, 160)),
        (Fraction(1), (90, 160)),
        (Fraction(4), (90, 640)),
        (Fraction(1, 4), (360, 160)),
        (Fraction(10**6), (90, 160)),
        (Fraction(1, 10**6), (90, 160)),
    ],
)
def test_square_pixels(aspect: Fraction | None, shape: tuple[int, int]) -> None:
    assert square_pixels(np.zeros((90, 160, 3), np.uint8), aspect).shape[:2] == shape


def test_stretched_frames_are_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VIDEO_PIXELS", 160 * 90)
    height, width = square_pixels(np.zeros((90, 160, 3), np.uint8), Fraction(4)).shape[:2]
    assert height * width <= 1.02 * 160 * 90
    assert width / height == pytest.approx(4 * 160 / 90, rel=0.02)


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"preset": "ultrafast", "bf": "0"}),
        ("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
        ("mjpeg", {}),
    ],
)
@pytest.mark.parametrize("from_file", [False, True], ids=["upload", "file"])
def test_a_stream_that_becomes_too_large_is_refused_before_it_is_decoded(
    codec: str,
    options: dict[str, str],
    from_file: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_VIDEO_PIXELS", 200 * 200)
    path, sizes = tmp_path / "clip.mkv", [(64, 64)] * 4 + [(512, 512), (64, 64)]
    path.write_bytes(with_changing_size(codec, sizes, options))
    with VideoReader(path if from_file else path.read_bytes(), name="clip.mkv") as reader:
        assert reader.coded_wh == (64, 64)
        decoded = []
        with pytest.raises(VideoError, match=r"^clip\.mkv .*exceed.* 4K.* Use a smaller copy\.$"):
            decoded += [frame.frame_bgr.shape for frame in reader]
    assert all(shape == (64, 64, 3) for shape in decoded)


def test_frames_that_a_decoder_gave_out_all_the_same_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = with_changing_size("mjpeg", [(64, 64), (512, 512)])
    with VideoReader(data, name="clip.mkv") as reader:
        monkeypatch.setattr(limits, "MAX_VIDEO_PIXELS", 200 * 200)
        with pytest.raises(VideoError, match="512 × 512 pixels"):
            list(reader)


@pytest.mark.parametrize(
    ("kind", "b_frames"), [("mp4", 0), ("matroska", 0), ("matroska", 2), ("webm", 0)]
)
def test_every_frame_keeps_its_duration_also_the_last(
    kind: str, b_frames: int, tmp_path: Path
) -> None:
    times_s, out = [0.0, 0.1, 0.2, 0.7, 0.75, 1.4], tmp_path / "out.mp4"
    data = with_irregular_frames(times_s, 2.0, kind, b_frames=b_frames)
    with VideoReader(data) as reader, VideoWriter(out, rate=reader.rate) as writer:
        frames = list(reader)
        for frame in frames:
            writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)
    expected = [0.1, 0.1, 0.5, 0.05, 0.65, 2.0]
    assert [f.duration_s for f in frames] == pytest.approx(expected, abs=0.002)
    _, _, written_s, seconds = shown(out.read_bytes())
    assert written_s == pytest.approx(times_s, abs=0.002)
    assert seconds == pytest.approx(3.4, abs=0.002)
    with VideoReader(out) as again:
        assert [f.duration_s for f in again] == pytest.approx(expected, abs=0.002)


def test_only_so_many_frames_are_read() -> None:
    data = with_many_frames(20)
    for most, expected, cut in ((None, 20, False), (20, 20, False), (7, 7, True)):
        with VideoReader(data, max_frames=most) as reader:
            assert (len(list(reader)), reader.cut) == (expected, cut)
    with VideoReader(data, max_frames=7) as reader:
        assert reader.count()[0] == 8  # more than allowed, and no further


def test_a_stopped_reader_ends() -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with VideoReader(with_many_frames(50), stopped=stopped) as reader:
        assert len(list(reader)) <= 5
    with VideoReader(with_many_frames(50), stopped=lambda: True) as reader:
        assert list(reader) == []
    with VideoReader(with_many_frames(50), stopped=lambda: True) as reader:
        assert reader.count() == (0, 0.0)


def test_a_video_of_one_frame() -> None:
    out = io.BytesIO()
    with VideoWriter(out) as writer:
        writer.write(gray(64, 64).to_ndarray(format="bgr24"), 0.0, 3.0)
    with VideoReader(out.getvalue()) as reader:
        (only,) = reader
    assert only.duration_s == pytest.approx(3, abs=0.01)


def test_an_unknown_encoding_is_refused() -> None:
    data = with_many_frames(3).replace(b"V_MPEG4/ISO/AVC", b"V_MPEGX/ISO/AVC")
    with pytest.raises(
        VideoError, match=r"^clip has an unknown encoding\. Convert it to H\.264\.$"
    ):
        VideoReader(data, name="clip")


def test_skipping_gives_the_same_frames_at_the_same_times(tmp_path: Path) -> None:
    frames = [np.full((64, 64, 3), 8 * k, np.uint8) for k in range(30)]
    for kind, codec in (("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4")):
        clip = tmp_path / f"clip.{kind}"
        clip.write_bytes(make_clip(frames, kind, video=codec, sound=None))
        with VideoReader(clip) as reader:
            whole = {round(f.time_s, 3): f.frame_bgr for f in reader}
        for time_s in (-1.0, 0.0, 1.05, 2.9):
            with VideoReader(clip) as reader:
                reader.skip_to(time_s)
                rest = {round(f.time_s, 3): f.frame_bgr for f in reader}
            assert list(rest) == [t for t in whole if t >= time_s], kind
            for t, frame in rest.items():
                np.testing.assert_array_equal(frame, whole[t])


def test_skipping_beyond_the_end_gives_no_frames(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(make_clip([np.zeros((64, 64, 3), np.uint8)] * 5, sound=None))
    with VideoReader(clip) as reader:
        reader.skip_to(100.0)
        assert list(reader) == []


@pytest.mark.parametrize("kind", ["mp4", "matroska"])
def test_a_title_in_another_encoding_is_no_reason_to_refuse_a_video(kind: str) -> None:
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        file.metadata["title"] = "Zürich"
        video = file.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        file.mux(video.encode(gray(320, 240)))
        file.mux(video.encode())
    data = out.getvalue().replace("ü".encode(), b"\xfc\xfc")
    assert data != out.getvalue()
    with VideoReader(data) as reader:
        assert len(list(reader)) == 1
