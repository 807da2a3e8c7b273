"""Write the corpus' seeds: `python -m tests.fuzz.make_corpus`. None of them shows a person."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fuzz.door import CORPUS, NAMES
from tests.fuzz.doors.models import LABELS_LINE, MODEL_FILE
from tests.video.clips import make_clip, rotated
from tests.video.hostile import with_irregular_frames

_TARGETS = ("/api/v1/analyze?unsure=0&gender=1&min_score=0.5", "/gender", "/api/v1/analyze")
_CARD = """labels = ["yes", "no"]
sha256 = "{sha256}"
[input]
side_px = 48
channels = 3
zoom = 0.77
[unsure]
confidence = 0.76
min_side_px = 4.2
max_yaw_deg = 50.0
masked_temperature = 1.0
"""


def main() -> None:
    """Write all seeds; files of crashes stay."""
    makers = (_photos, _videos, _requests, _queries, _models, _recordings)
    for name, make in zip(NAMES, makers, strict=True):
        folder: Path = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in make():
            (folder / f"seed-{file}").write_bytes(data)


def _photos() -> Iterator[tuple[str, bytes]]:
    rgb = Image.fromarray(_pattern(12, 16))
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, mode, options in (
        ("rgb.jpg", "RGB", {}),
        ("turned.jpg", "RGB", {"exif": exif}),
        ("progressive.jpg", "RGB", {"progressive": True}),
        ("gray.jpg", "L", {}),
        ("cmyk.jpg", "CMYK", {}),
        ("rgb.png", "RGB", {}),
        ("alpha.png", "RGBA", {"exif": exif}),
        ("palette.png", "P", {"transparency": 3}),
        ("gray-alpha.png", "LA", {}),
        ("16-bit.png", "I;16", {}),
        ("bit.png", "1", {}),
        ("lossy.webp", "RGB", {}),
        ("lossless.webp", "RGBA", {"lossless": True, "exif": exif}),
    ):
        picture = rgb.convert("I").convert(mode) if mode == "I;16" else rgb.convert(mode)
        out = io.BytesIO()
        suffix = name.rsplit(".", 1)[1].replace("jpg", "jpeg")
        picture.save(out, suffix, **options)
        yield name, out.getvalue()


def _videos() -> Iterator[tuple[str, bytes]]:
    frames = [np.roll(_pattern(32, 48), i, axis=1) for i in range(3)]
    mp4 = make_clip(frames, "mp4")
    yield "h264-aac.mp4", mp4
    yield "turned.mp4", rotated(mp4, (0, 1, -1, 0))
    yield "h264-silent.mov", make_clip(frames, "mov", sound=None)
    yield "vp8-opus.webm", make_clip(frames, "webm", video="libvpx", sound="libopus")
    yield "vp9.webm", make_clip(frames, "webm", video="libvpx-vp9", sound=None)
    yield "mjpeg-flac.mkv", make_clip(frames, "matroska", video="mjpeg", sound="flac")
    # x265 damages its own heap on frames smaller than one of its blocks.
    large = [np.roll(_pattern(64, 64), i, axis=1) for i in range(3)]
    yield "h265.mp4", make_clip(large, "mp4", video="libx265", sound=None)
    yield "cover.mp4", make_clip(frames[:1], "mp4", video="mjpeg", cover=True)
    yield "irregular.mp4", with_irregular_frames([0.0, 0.1, 2.0], 5.0, b_frames=1)


def _requests() -> Iterator[tuple[str, bytes]]:
    photo = dict(_photos())["gray.jpg"]
    for name, target in zip(("analyze", "page", "many"), _TARGETS, strict=True):
        part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n'
        part += b"Content-Type: image/jpeg\r\n\r\n" + photo + b"\r\n"
        body = part * (2 if name == "many" else 1) + b"--b--\r\n"
        yield f"{name}-form", _request("POST", target, "multipart/form-data; boundary=b", body)
    yield "analyze-body", _request("POST", _TARGETS[0], "image/jpeg", photo)
    for target in ("/", "/about", "/gender", "/api/v1/health", "/api/v1/openapi.json", "/metrics"):
        yield f"get{target.replace('/', '-')}", _request("GET", target)
    yield "get-static", _request("GET", "/static/site.css", more="Range: bytes=0-9\r\n")
    yield "get-missing", _request("GET", "/api/v1/%C3%A9?x=y", more="X-Forwarded-For: 1.2.3.4\r\n")
    chunked = b"4\r\n\xff\xd8\xff\xe0\r\n0\r\n\r\n"
    yield "chunked", _head("POST", _TARGETS[2], "Transfer-Encoding: chunked\r\n") + chunked


def _request(method: str, target: str, kind: str = "", body: bytes = b"", more: str = "") -> bytes:
    if body:
        more += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return _head(method, target, more) + body


def _head(method: str, target: str, more: str) -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()


def _queries() -> Iterator[tuple[str, bytes]]:
    yield "photo", b"detector=haar&certainty=0.5&landmarks=dlib68&unsure=false&gaze=true&drawn=true"
    yield "attributes", b"gender=true&mask=false&emotion=true&measures=true"
    yield "api", b"detector=facestream&min_score=0.25&thorough=1&landmarks=0&unsure=TRUE"


def _models() -> Iterator[tuple[str, bytes]]:
    card = _CARD.format(sha256=hashlib.sha256(MODEL_FILE).hexdigest()).encode()
    yield "card", card + LABELS_LINE + b"yes\nno\n"
    for name, save in (("arrays", np.savez), ("small-arrays", np.savez_compressed)):
        out = io.BytesIO()
        save(out, weights=np.eye(4, dtype=np.float16), offset=np.zeros(4, np.float32))
        yield name, out.getvalue()


def _recordings() -> Iterator[tuple[str, bytes]]:
    frame, sound = bytes([1, 6, 64, 48, 0, 0, 0, 9]), bytes([3, 4, 42, 0, 0, 0, 3, 0xC0])
    yield "frames", frame * 6
    yield "sound", (frame + sound + sound) * 4
    yield "turned", frame * 2 + bytes([2, 6, 48, 64, 1, 0, 0, 9]) * 2 + sound + frame
    yield "pause", frame + sound + bytes([1, 200, 64, 48, 0, 0, 0, 9]) + sound


def _pattern(height: int, width: int) -> np.ndarray:
    """Stripes and a gradient, (height, width, 3) uint8."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 16 % 256, y * 20 % 256, (x + y) % 4 * 80], axis=2).astype(np.uint8)


if __name__ == "__main__":
    main()
