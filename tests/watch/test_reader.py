"""Reading of cameras and files: newest frame only, losses, and sources that misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest

from benchmarks.http_camera import http_camera, jpeg
from realtime.core.faces import Frame
from realtime.media.frames import upright
from realtime.watch import reader as reader_module
from realtime.watch.reader import SourceReader
from realtime.watch.source import SourceError, SourceKind, find_source
from tests.events.builders import Sentences
from tests.watch.cameras import at_rate, gray, silent_port, transport_stream, wait_for
from tests.watch.rtsp_camera import rtsp_camera


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "FIRST_PAUSE_S", 0.05)


@contextmanager
def reading(address: str, **options: Any) -> Iterator[tuple[SourceReader, Sentences]]:
    said = Sentences()
    reader = SourceReader(find_source(address, "door"), report=said, **options)
    reader.start()
    try:
        yield reader, said
    finally:
        reader.stop()


def next_size(reader: SourceReader) -> tuple[int, int]:
    frame = reader.newest.take(60)
    assert frame is not None
    height, width = upright(frame.frame, frame.aspect).shape[:2]
    return width, height


def test_an_mjpeg_camera_and_its_newest_frame() -> None:
    with http_camera(at_rate([gray()])) as address, reading(address) as (reader, said):
        assert next_size(reader) == (320, 240)
        wait_for(lambda: reader.newest.dropped >= 3)  # nobody takes them meanwhile
        last = reader.frames
        frame = reader.newest.take(60)
        assert frame is not None
        assert frame.number >= last - 1
    assert said == ["door: connected, 320 × 240 pixels."]
    assert reader.error is None


def test_mpeg_ts_over_http() -> None:
    data = transport_stream([gray() for _ in range(100)])

    def pieces(_stop: threading.Event) -> Iterator[bytes]:
        yield data

    with (
        http_camera(pieces, content_type="video/mp2t") as address,
        reading(address) as (reader, _),
    ):
        assert next_size(reader) == (320, 240)
        wait_for(lambda: reader.frames >= 80)


def test_an_rtsp_camera_and_its_return() -> None:
    with (
        rtsp_camera([gray()], frames=40) as address,
        reading(address) as (reader, said),
    ):
        assert next_size(reader) == (320, 240)
        wait_for(lambda: len(said) >= 3)
    assert said[0] == said[2] == "door: connected, 320 × 240 pixels."
    assert said[1].endswith("; trying again until it answers.")


def test_a_camera_is_found_again_after_it_hangs_up() -> None:
    def few(_stop: threading.Event) -> Iterator[bytes]:
        yield from [jpeg(gray())] * 5

    online = []
    with (
        http_camera(few, at_rate([gray(640, 480)])) as address,
        reading(address, on_online=online.append) as (reader, said),
    ):
        wait_for(lambda: len(said) == 3)
        wait_for(lambda: next_size(reader) == (640, 480))
    assert said == [
        "door: connected, 320 × 240 pixels.",
        "door: the connection has ended; trying again until it answers.",
        "door: connected, 640 × 480 pixels.",
    ]
    assert online == [True, False, True, False]


def test_a_camera_that_goes_silent_is_lost() -> None:
    def stalls(stop: threading.Event) -> Iterator[bytes]:
        yield from [jpeg(gray())] * 5
        stop.wait(60)

    with (
        http_camera(stalls, at_rate([gray()])) as address,
        reading(address, read_s=0.3) as (_, said),
    ):
        wait_for(lambda: len(said) >= 3)
    assert said[1] == "door: no data for 0.3 s; trying again until it answers."


def test_damaged_frames_are_passed_over() -> None:
    broken = bytearray(jpeg(gray()))
    broken[120:-2] = bytes(len(broken) - 122)

    def pieces(stop: threading.Event) -> Iterator[bytes]:
        yield from [jpeg(gray())] * 10
        while not stop.wait(0.02):
            yield bytes(broken) + jpeg(gray())

    with http_camera(pieces) as address, reading(address) as (reader, said):
        wait_for(lambda: reader.damaged >= 3 and reader.frames >= 20)
    assert said == ["door: connected, 320 × 240 pixels."]


def test_a_camera_that_sends_garbage_is_opened_again() -> None:
    def garbage(stop: threading.Event) -> Iterator[bytes]:
        yield from [jpeg(gray())] * 10
        while not stop.wait(0.01):
            yield b"\x00garbage" * 100

    with (
        http_camera(garbage, at_rate([gray(640, 480)])) as address,
        reading(address, silent_s=1, read_s=1) as (_, said),
    ):
        wait_for(lambda: "door: connected, 640 × 480 pixels." in said)


def test_a_page_is_not_a_camera() -> None:
    def page(_stop: threading.Event) -> Iterator[bytes]:
        yield b"<html><body>Welcome</body></html>"

    with (
        http_camera(page, content_type="text/html") as address,
        reading(address, retries=1) as (reader, _),
    ):
        wait_for(lambda: reader.newest.ended)
    assert reader.error in ("door: It does not send video.", "door: The connection has ended.")


def test_a_playlist_opens_no_files_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(transport_stream([gray() for _ in range(20)]))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n"

    def pieces(_stop: threading.Event) -> Iterator[bytes]:
        yield playlist.encode()

    with (
        http_camera(pieces, content_type="application/vnd.apple.mpegurl") as address,
        reading(address, retries=0, open_s=5) as (reader, _),
    ):
        wait_for(lambda: reader.newest.ended)
    assert reader.frames == 0
    assert reader.error is not None


def test_a_camera_of_single_pictures_is_not_called_all_the_time() -> None:
    def one(_stop: threading.Event) -> Iterator[bytes]:
        yield jpeg(gray())

    with http_camera(one) as address, reading(address, retries=2) as (reader, _):
        wait_for(lambda: reader.newest.ended)
    assert reader.error == "door: The connection has ended."


def test_a_file_that_goes_bad_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "clip.mjpeg"
    small, large = (cv2.imencode(".jpg", gray(*size))[1] for size in ((320, 240), (5000, 3000)))
    path.write_bytes(small.tobytes() * 3 + large.tobytes() * 3)
    with reading(str(path)) as (reader, _):
        wait_for(lambda: reader.newest.take(0.01) is None and reader.newest.ended)
    assert reader.error == "door: Its frames exceed 4K: choose a smaller stream or copy."
    assert reader.frames == 3


def test_cameras_that_are_not_there() -> None:
    with reading("http://127.0.0.1:9/", retries=0) as (reader, _):
        wait_for(lambda: reader.newest.ended)
    assert reader.error == "door: Connection refused."


def test_an_rtsp_camera_that_does_not_answer() -> None:
    with (
        silent_port() as port,
        reading(f"rtsp://127.0.0.1:{port}/live", retries=0, open_s=0.3) as (reader, _),
    ):
        wait_for(lambda: reader.newest.ended)
    assert reader.error == "door: It does not answer."


def test_frames_over_the_limit_are_refused() -> None:
    with (
        http_camera(at_rate([gray(5000, 3000)])) as address,
        reading(address, retries=0) as (reader, _),
    ):
        wait_for(lambda: reader.newest.ended)
    assert reader.frames == 0
    assert reader.error is not None


def test_a_file_plays_at_its_own_pace_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "clip.ts"
    path.write_bytes(transport_stream([gray() for _ in range(10)], fps=20))
    started_s = time.monotonic()
    with reading(str(path)) as (reader, said):
        wait_for(lambda: reader.newest.take(0.01) is None and reader.newest.ended)
    assert time.monotonic() - started_s > 0.4  # nine periods of 50 ms
    assert (reader.frames, reader.error, said) == (10, None, [])


def test_a_file_may_begin_again(tmp_path: Path) -> None:
    path = tmp_path / "clip.ts"
    path.write_bytes(transport_stream([gray() for _ in range(4)], fps=20))
    with reading(str(path), repeat=True) as (reader, _):
        wait_for(lambda: reader.frames >= 10)


def test_stopping_does_not_wait_for_a_camera() -> None:
    with silent_port() as port, reading(f"rtsp://127.0.0.1:{port}/live") as (reader, _):
        time.sleep(0.1)
        reader.stop(timeout_s=0.2)
        assert reader.newest.ended


@pytest.mark.parametrize(
    "text", ["ftp://x/", "file:///etc/passwd", "concat://a", "nofile", "http://"]
)
def test_sources_that_are_refused(text: str) -> None:
    with pytest.raises(SourceError):
        find_source(text)


def test_names_have_no_passwords() -> None:
    assert find_source("rtsp://me:secret@camera/live?token=1").name == "rtsp://camera/live"
    device = find_source("/dev/video0")
    assert (device.kind, device.live) == (SourceKind.DEVICE, True)


def test_pictures_are_upright(astronaut: Frame) -> None:
    from av import VideoFrame

    frame = VideoFrame.from_ndarray(astronaut[:200], format="bgr24")
    assert upright(frame, None).shape == (200, 512, 3)
    assert upright(frame, None, max_side_px=256).shape == (100, 256, 3)
