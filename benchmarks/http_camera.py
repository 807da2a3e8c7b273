"""A camera on this machine that sends MJPEG over HTTP, for benchmarks and tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2

from realtime.core.faces import Frame

BOUNDARY = "frame"
MJPEG = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
# What a camera sends on one connection, piece by piece, until it ends or the event is set.
Pieces = Callable[[threading.Event], Iterator[bytes]]


def jpeg(frame_bgr: Frame) -> bytes:
    """A picture as a part of an MJPEG stream."""
    data = cv2.imencode(".jpg", frame_bgr)[1].tobytes()
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data + b"\r\n"


@contextmanager
def http_camera(*connections: Pieces, content_type: str = MJPEG) -> Iterator[str]:
    """Run a camera; yields its address.

    Args:
        connections: what each connection is sent, in turn; further ones are sent the last again.
        content_type: of all of them.
    """
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
