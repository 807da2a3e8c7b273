"""Make the Live page's sample videos from the sample photos: `python -m benchmarks.live_sample`.

`realtime/samples/live.mp4` shows two portraits, one of which takes a painted mask off and puts it
on again; the page streams it for visitors without a camera. `live-result.mp4` is what the live
pipeline and its drawing make of it; the page shows it before Start. Both can be looped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from realtime.core.faces import Frame
from realtime.core.installed import PACKAGE
from realtime.core.settings import DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.media.pictures import decode_picture
from realtime.media.samples import sample_jpg
from realtime.render.draw import draw_result
from realtime.ui.live.presets import NEUTRAL

SIZE_WH = (640, 480)
RATE, SECONDS = 20, 6
START_S = 1.2
MASK_OFF_S, MASK_ON_S, FADE_S = 2.6, 5.4, 0.4
CRF = "27"


def frames() -> Iterator[Frame]:
    """The frames of one turn of the sample, (480, 640, 3) uint8 BGR."""
    masked, bare = (_view(name, 105, 5, 240) for name in ("painted-mask.jpg", "astronaut.jpg"))
    hopper = _view("hopper.jpg", 62, 0, 400)
    for n in range(RATE * SECONDS):
        # It begins in the middle of a still part, with settled labels.
        time_s, turn = (n / RATE + START_S) % SECONDS, 2 * math.pi * n / (RATE * SECONDS)
        share = _bare_share(time_s)
        left = np.asarray(cv2.addWeighted(bare, share, masked, 1 - share, 0), np.uint8)
        yield np.hstack([_moved(left, turn), _moved(hopper, turn + 2)])


def _bare_share(time_s: float) -> float:
    """How much of the mask has gone at that time, from 0 to 1."""
    off = (time_s - MASK_OFF_S) / FADE_S
    on = (time_s - MASK_ON_S) / FADE_S
    return float(np.clip(off, 0, 1) - np.clip(on, 0, 1))


def _view(name: str, left: int, top: int, width: int) -> Frame:
    """A part of a sample photo in the shape of half of the picture."""
    size_wh = (SIZE_WH[0] // 2, SIZE_WH[1])
    height = width * size_wh[1] // size_wh[0]
    part = decode_picture(sample_jpg(name))[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)


def _moved(view: Frame, turn: float) -> Frame:
    """The view as a camera in a hand shows it at that part of the turn."""
    height, width = view.shape[:2]
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2), 2 * math.sin(turn), 1.1 + 0.04 * math.cos(turn)
    )
    matrix[0, 2] += 7 * math.sin(turn)
    matrix[1, 2] += 6 * math.sin(2 * turn)
    return np.asarray(
        cv2.warpAffine(view, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def annotated(pictures: list[Frame], draw: DrawSettings) -> list[Frame]:
    """The frames as the live page shows them, once labels have settled."""
    pipeline, result = Pipeline(Networks()), []
    for n, picture in enumerate(pictures * 2):  # the first turn only warms up
        frame = picture.copy()
        faces = pipeline.process(frame, now_s=n / RATE).faces
        draw_result(frame, faces, draw)
        result.append(frame)
    return result[len(pictures) :]


def write(path: Path, pictures: list[Frame]) -> None:
    """Write an MP4 file that starts at once and plays everywhere."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=Fraction(RATE))
        (stream.width, stream.height), stream.pix_fmt = SIZE_WH, "yuv420p"
        stream.options = {"preset": "veryslow", "crf": CRF}
        for picture in pictures:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        file.mux(stream.encode())


def main() -> None:
    """Write both files."""
    pictures = list(frames())
    for name, content in (
        ("live.mp4", pictures),
        ("live-result.mp4", annotated(pictures, DrawSettings(colour_by=NEUTRAL))),
    ):
        path = PACKAGE / "samples" / name
        write(path, content)
        print(f"{path.relative_to(PACKAGE.parent)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
