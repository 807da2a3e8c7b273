"""VP8 compression artefacts as augmentation: crops are encoded and decoded with libvpx.

Browsers send webcam video as VP8 by default. All crops of a call are tiled into one picture and
encoded together, because creating an encoder takes longer than encoding a face.
"""

from __future__ import annotations

import math
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

BLOCK = 16  # VP8's macroblock size in pixels; chroma is subsampled 2 by 2
# Range within libvpx's 0 to 63. Browsers go up to 56, but for faces encoded larger than a crop: at
# crop size an expression is unreadable from 50 on.
QUANTIZERS = (20, 46)


def vp8(crops: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Copies of crops with the artefacts of a low-quality video stream.

    Each crop is placed at a random offset within macroblocks of its own, so that crops do not
    affect each other and block edges fall anywhere. Half of the calls encode two pictures, the
    first slightly shifted, and return the second: as an inter frame it keeps traces of the first.

    Args:
        crops: (n, s, s, c) uint8, gray or BGR.
        rng: random generator; the same state gives the same copies.

    Returns:
        (n, s, s, c) uint8.
    """
    n, side, _, channels = crops.shape
    if n == 0:
        return crops.copy()
    tile = math.ceil(side / BLOCK) * BLOCK + BLOCK
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    places = rng.integers(0, tile - side + 1, (n, 2))
    sheet = np.zeros((rows * tile, columns * tile, channels), np.uint8)
    corners = [(i // columns * tile, i % columns * tile) for i in range(n)]
    for crop, (y, x), (down, right) in zip(crops, corners, places, strict=True):
        edges = ((down, tile - side - down), (right, tile - side - right), (0, 0))
        sheet[y : y + tile, x : x + tile] = np.pad(crop, edges, mode="edge")
    sheets = [sheet]
    if rng.random() < 0.5:
        sheets.insert(0, np.roll(sheet, rng.integers(-3, 4, 2), axis=(0, 1)))
    coded = _encode_decode(
        [_to_i420(s) for s in sheets], int(rng.integers(*QUANTIZERS, endpoint=True))
    )
    decoded = _from_i420(coded, channels)
    result = np.empty_like(crops)
    for out, (y, x), (down, right) in zip(result, corners, places, strict=True):
        out[:] = decoded[y + down : y + down + side, x + right : x + right + side]
    return result


def _encode_decode(pictures: list[NDArray[np.uint8]], quantizer: int) -> NDArray[np.uint8]:
    """Encode and decode I420 pictures (h * 3 / 2, w) as a stream; returns the last one."""
    height, width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
    coder = av.CodecContext.create("libvpx", "w")
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(coder, VideoCodecContext)
    assert isinstance(decoder, VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.framerate, coder.gop_size = Fraction(30), 3000
    coder.bit_rate = width * height * 30  # never reached: the quantizer sets the quality
    coder.qmin = coder.qmax = quantizer
    # Negative speeds are fixed; positive ones adapt to the CPU and differ from run to run.
    coder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    coder.thread_count = decoder.thread_count = 1
    packets = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        packets += coder.encode(frame)
    packets += coder.encode(None)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    frames += decoder.decode(None)
    return np.asarray(frames[-1].to_ndarray(), np.uint8)


def _to_i420(sheet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, c) to I420: luma above both chroma planes, (h * 3 / 2, w)."""
    if sheet.shape[2] == 3:
        return np.asarray(cv2.cvtColor(sheet, cv2.COLOR_BGR2YUV_I420), np.uint8)
    height, width = sheet.shape[:2]
    return np.concatenate([sheet[..., 0], np.full((height // 2, width), 128, np.uint8)])


def _from_i420(picture: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """I420 to (h, w, c)."""
    if channels == 3:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), np.uint8)
    return picture[: picture.shape[0] * 2 // 3, :, None]
