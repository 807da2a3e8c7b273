"""Pictures and a short video on disk, and the command line as a subprocess."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from realtime.core.faces import Frame

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run `python -m realtime` in a subprocess."""

    def command(*arguments: object) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "realtime", *map(str, arguments)]
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)

    return command


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame, hopper: Frame) -> Path:
    """A folder of pictures with one, two and no faces, and a text file named like a picture."""
    folder = tmp_path_factory.mktemp("pictures")
    cv2.imwrite(str(folder / "astronaut.jpg"), astronaut)
    cv2.imwrite(str(folder / "both.png"), np.hstack([astronaut, hopper[:512]]))
    cv2.imwrite(str(folder / "empty.webp"), np.full((200, 300, 3), 128, np.uint8))
    (folder / "letter.jpg").write_text("Dear reader")
    return folder


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame) -> Path:
    """Twenty frames of a moving face at 10 fps, 321×241 pixels, with a tone."""
    path = tmp_path_factory.mktemp("clip") / "moving.mkv"
    with av.open(str(path), "w") as file:
        video = file.add_stream("ffv1", rate=10)
        video.width, video.height, video.pix_fmt = 321, 241, "bgr0"
        sound = file.add_stream("aac", rate=16_000)
        small = cv2.resize(astronaut, (300, 300))
        for i in range(20):
            canvas = np.full((241, 321, 3), 150, np.uint8)
            canvas[: 241 - i, i : 300 + i] = small[i:241, : 321 - i]
            file.mux(video.encode(av.VideoFrame.from_ndarray(canvas, format="bgr24")))
        file.mux(video.encode())
        tone = np.sin(np.arange(32_000) / 10).astype(np.float32)[None]
        for start in range(0, 32_000, 1024):
            part = av.AudioFrame.from_ndarray(tone[:, start : start + 1024], "fltp", "mono")
            part.sample_rate, part.pts, part.time_base = 16_000, start, Fraction(1, 16_000)
            file.mux(sound.encode(part))
        file.mux(sound.encode())
    return path
