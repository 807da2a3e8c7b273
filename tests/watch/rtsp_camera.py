"""A small RTSP server: H.264 in RTP over the same TCP connection, as cameras send it."""

from __future__ import annotations

import re
import socketserver
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import av

from realtime.core.faces import Frame

SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    "c=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=control:track1\r\n"
)
HEADERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
    "PLAY": "Session: 1\r\n",
}


@contextmanager
def rtsp_camera(pictures: Sequence[Frame], *, frames: int = 10_000, fps: int = 20) -> Iterator[str]:
    """The address of a camera that shows these pictures in turn, and hangs up after `frames`."""
    stop = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                while self.answer() != "PLAY":
                    pass
                for packet in _packets(pictures, frames, fps):
                    self.wfile.write(packet)
                    if packet[5] & 0x80 and stop.wait(1 / fps):  # after each picture
                        return
            except (OSError, EOFError):
                pass  # the reader has gone

        def answer(self) -> str:
            lines = []
            while line := self.rfile.readline().decode().strip():
                lines.append(line)
            if not lines:
                raise EOFError
            method = lines[0].split()[0]
            number = next(each for each in lines if each.lower().startswith("cseq"))
            body = SDP if method == "DESCRIBE" else ""
            head = f"RTSP/1.0 200 OK\r\n{number}\r\n{HEADERS.get(method, '')}\r\n"
            self.wfile.write((head + body).encode())
            return method

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"rtsp://127.0.0.1:{server.server_address[1]}/live"
        finally:
            stop.set()
            server.shutdown()


def _packets(pictures: Sequence[Frame], frames: int, fps: int) -> Iterator[bytes]:
    """RTP packets in RTSP's framing; the marker bit is set on the last of each picture."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.height, encoder.width = pictures[0].shape[:2]
    encoder.pix_fmt, encoder.framerate, encoder.gop_size = "yuv420p", fps, 10  # type: ignore[assignment]
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    sequence = 0
    for k in range(frames):
        picture = pictures[k % len(pictures)]
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        units = [
            unit
            for packet in encoder.encode(frame)
            for unit in re.split(b"\x00\x00\x00?\x01", bytes(packet))
            if unit
        ]
        for i, unit in enumerate(units):
            marker = 0x80 if i + 1 == len(units) else 0
            time = k * 90_000 // fps
            rtp = struct.pack(">BBHII", 0x80, marker | 96, sequence & 0xFFFF, time, 1) + unit
            yield b"$\x00" + struct.pack(">H", len(rtp)) + rtp
            sequence += 1
