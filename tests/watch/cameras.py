"""Cameras of the tests: real servers on this machine that send MJPEG or MPEG-TS."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import av
import cv2
import numpy as np

from benchmarks.http_camera import Pieces, jpeg
from realtime.core.faces import Frame


def gray(width: int = 320, height: int = 240) -> Frame:
    """An empty picture."""
    return np.full((height, width, 3), 128, np.uint8)


def portrait(astronaut: Frame) -> Frame:
    """A picture with one face, 320 x 240."""
    canvas = gray()
    canvas[:, 40:280] = cv2.resize(astronaut, (240, 240))
    return canvas


def at_rate(pictures: Sequence[Frame], fps: float = 20) -> Pieces:
    """These pictures in turn; the last one until the end."""
    parts = [jpeg(picture) for picture in pictures]

    def pieces(stop: threading.Event) -> Iterator[bytes]:
        k = 0
        while not stop.wait(1 / fps):
            yield parts[min(k, len(parts) - 1)]
            k += 1

    return pieces


def transport_stream(pictures: Sequence[Frame], fps: int = 20) -> bytes:
    """These pictures as H.264 in MPEG-TS."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def wait_for(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait until something has happened."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)
