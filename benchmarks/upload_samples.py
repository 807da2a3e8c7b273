"""Uploads that are large, slow or hostile, made by script; the most that the limits let in."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.moving_faces import moving_frames, scene
from realtime.core.faces import Faces, FrameResult
from realtime.output.tables import FaceTable

LARGEST_WH = (8000, 5000)  # 40 megapixels
CAMERA_WH = (4000, 3000)
FPS = 30
CLAIMED_SAMPLES = 10_000_000


def large_picture(kind: str, mode: str = "RGB", *, plain: bool = False, **options: object) -> bytes:
    """A picture file of 40 megapixels, with ten faces or of one colour."""
    if plain:
        picture = Image.new(mode, LARGEST_WH)
    else:
        picture = Image.fromarray(scene(10, LARGEST_WH)[..., ::-1]).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def scan_bomb(scans: int = 80) -> bytes:
    """A progressive JPEG of 36 megapixels whose last scan is repeated."""
    out = io.BytesIO()
    Image.new("L", (6000, 6000), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * scans + data[-2:]


def group_photo(faces: int = 10) -> bytes:
    """A JPEG of 12 megapixels with so many faces."""
    return bytes(cv2.imencode(".jpg", scene(faces, CAMERA_WH))[1])


def clip(seconds: float, size_wh: tuple[int, int], faces: int = 1) -> bytes:
    """An MP4 file of moving faces."""
    frames, out = moving_frames(faces, size_wh, count=FPS), io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        (stream.width, stream.height), stream.pix_fmt = size_wh, "yuv420p"
        for number in range(round(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(frames[number % len(frames)], format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return out.getvalue()


def claiming_video() -> bytes:
    """A video of a second whose tables state ten million frames: 700 MB if they were built."""
    data = bytearray(clip(1, (64, 64)))
    for table, offset, values in (
        (b"stsz", 4, (1, CLAIMED_SAMPLES)),
        (b"stts", 8, (CLAIMED_SAMPLES,)),
        (b"stsc", 4, (1, 1, CLAIMED_SAMPLES, 1)),
    ):
        start = data.index(table) + 4 + offset
        data[start : start + 4 * len(values)] = struct.pack(f">{len(values)}I", *values)
    return bytes(data)


def long_table(rows: int) -> FaceTable:
    """A table of so many rows, ten a frame."""
    table, faces = FaceTable(max_rows=2 * rows), Faces.from_boxes(np.full((10, 4), (1, 2, 30, 40)))
    for number in range(rows // len(faces)):
        table.add(FrameResult(faces, (640, 480), number / FPS), number)
    return table
