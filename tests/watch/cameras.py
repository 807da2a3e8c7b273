"""Cameras of the tests: real servers on this machine that send MJPEG or MPEG-TS."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
import numpy as np

from realtime.core.faces import Frame

BOUNDARY = "frame"
# What a camera sends on one connection: pieces, one after another.
Pieces = Callable[[threading.Event], Iterator[bytes]]


def jpeg(frame_bgr: Frame) -> bytes:
    """A part of an MJPEG stream."""
    data = cv2.imencode(".jpg", frame_bgr)[1].tobytes()
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data + b"\r\n"


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
def http_camera(
    *connections: Pieces, content_type: str = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
) -> Iterator[str]:
    """The address of a camera; each connection is sent the next of these, then the last again."""
    left, stop = list(connections), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pieces = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            try:
                for piece in pieces(stop):
                    self.wfile.write(piece)
            except OSError:
                pass  # the reader has gone

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/camera"
        finally:
            stop.set()
            server.shutdown()


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
