"""Pictures made to take time or memory, and many pictures at once."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from realtime.media import decode_process, pictures
from realtime.media.decode_pool import DecodePool, decode_pool
from realtime.media.decode_process import DecodeProcess
from realtime.media.jpeg import count_scans
from realtime.media.limits import MAX_DECODE_S, MAX_JPEG_SCANS, MAX_PHOTO_SIDE_PX
from realtime.media.picture_file import PictureFile
from realtime.media.picture_memory import PictureMemory
from realtime.media.pictures import BusyError, PictureError, TooLargeError, decode_picture
from tests.media.test_pictures import assert_red_then_blue, sample, saved

# The largest pictures take seconds, and more than `MAX_DECODE_S` beside other busy processes.
pytestmark = pytest.mark.serial
LARGEST_WH = (8000, 5000)


def jpeg_with_scans(size_wh: tuple[int, int], more: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    data = saved(Image.new("L", size_wh, 128), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * (1 + more) + data[-2:]


def test_scans_of_the_first_picture_are_counted() -> None:
    preview = saved(sample(), "JPEG", progressive=True)
    exif = b"Exif\0\0" + preview  # as cameras embed it: its scans are not the picture's
    plain = saved(sample(), "JPEG", exif=exif)
    assert count_scans(plain) == 1
    assert count_scans(plain + preview) == 1
    assert count_scans(preview) == 10
    assert count_scans(plain[:-2]) == 1
    assert count_scans(b"\xff\xd8") == 0


def test_jpeg_with_many_scans_is_refused_before_decoding() -> None:
    data = jpeg_with_scans((6000, 6000), 400)
    assert len(data) < 200_000
    with pytest.raises(PictureError, match=f"more than {MAX_JPEG_SCANS} scans"):
        decode_picture(data)
    assert decode_picture(jpeg_with_scans((60, 40), 50)).shape == (40, 60, 3)


def test_slow_picture_ends_its_process_and_the_next_one_gets_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decode_process, "MAX_DECODE_WALL_S", 0.2)
    with pytest.raises(PictureError, match="too long"):
        decode_picture(jpeg_with_scans((6000, 6000), 80))
    monkeypatch.undo()
    assert_red_then_blue(decode_picture(saved(sample(), "PNG")))


@pytest.fixture
def process() -> Iterator[DecodeProcess]:
    one = DecodeProcess()
    yield one
    one.close()


def empty(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.empty(size, np.uint8)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is lowered from outside on Linux")
def test_picture_that_takes_too_much_processor_time_is_refused(process: DecodeProcess) -> None:
    import resource

    def allow_one_second(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
        return empty(size)

    with pytest.raises(PictureError, match="too long"):
        process.decode(jpeg_with_scans((6000, 6000), 80), allow_one_second)
    assert not process.usable


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals to stop a process")
def test_picture_that_waits_for_a_processor_is_decoded(process: DecodeProcess) -> None:
    """The process gets no time for longer than it may use."""
    go_on = threading.Timer(MAX_DECODE_S + 0.5, os.kill, (process.pid, signal.SIGCONT))

    def pause(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        os.kill(process.pid, signal.SIGSTOP)
        go_on.start()
        return empty(size)

    assert_red_then_blue(process.decode(saved(sample(), "PNG"), pause))


def peak_bytes(process: DecodeProcess, data: bytes) -> int:
    """The most memory that decoding took in the process, over what it had before."""
    status = f"/proc/{process.pid}/status"
    with open(f"/proc/{process.pid}/clear_refs", "w") as file:
        file.write("5")  # the peak starts anew

    def read(name: str) -> int:
        with open(status) as file:
            return next(int(v.split()[1]) * 1024 for v in file if v.startswith(name))

    before = read("VmRSS")
    assert process.decode(data, empty).shape == (LARGEST_WH[1], LARGEST_WH[0], 3)
    return read("VmHWM") - before


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_memory_of_rows_that_were_read_is_given_back(process: DecodeProcess, kind: str) -> None:
    """Half of the picture is here when the pixels are half read: it never lies here twice."""
    if not os.path.exists("/proc/self/status"):
        pytest.skip("memory is read on Linux")
    resident = [0]

    class Watched(np.ndarray[tuple[int], np.dtype[np.uint8]]):
        def __setitem__(self, key: object, value: object) -> None:
            with open(f"/proc/{process.pid}/status") as file:
                kb = next(int(v.split()[1]) for v in file if v.startswith("VmRSS"))
            resident.append(kb * 1024)
            super().__setitem__(key, value)  # type: ignore[call-overload]

    data = largest("RGB", kind, **({"method": 0} if kind == "WEBP" else {}))
    process.decode(data, lambda size: empty(size).view(Watched))
    assert resident[-1] < resident[1] - 100e6


def largest(mode: str, kind: str, **options: object) -> bytes:
    return saved(Image.new(mode, LARGEST_WH), kind, **options)


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="peaks are read on Linux")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: largest("RGBA", "PNG"), id="transparent png"),
        pytest.param(lambda: largest("I;16", "PNG"), id="16-bit png"),
        pytest.param(lambda: largest("RGB", "JPEG"), id="jpeg"),
        pytest.param(lambda: largest("RGB", "JPEG", progressive=True, subsampling=0), id="4:4:4"),
        pytest.param(lambda: largest("CMYK", "JPEG", progressive=True), id="progressive cmyk"),
        pytest.param(lambda: largest("RGBA", "WEBP", lossless=True, method=0), id="webp"),
    ],
)
def test_largest_pictures_stay_below_400_mb(
    make: Callable[[], bytes], process: DecodeProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_process, "MAX_DECODE_WALL_S", 120.0)  # for a busy machine
    assert peak_bytes(process, make()) < 400e6


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs a file in memory")
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="peaks are read on Linux")
def test_webp_pictures_are_not_copied(process: DecodeProcess) -> None:
    width, height = LARGEST_WH
    assert peak_bytes(process, largest("RGB", "WEBP", method=0)) < 1.7 * width * height * 3


def test_large_jpeg_of_several_scans_keeps_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.media.picture_file.MAX_DECODE_BYTES", 1000)
    noise = np.random.default_rng(0).integers(0, 255, (5, 8, 3), np.uint8)
    smooth = Image.fromarray(noise).resize((803, 501), Image.Resampling.BICUBIC)
    data = saved(smooth, "JPEG", progressive=True, quality=95)
    file = PictureFile(data)
    file.load()
    rows = np.frombuffer(b"".join(file.strips()), np.uint8).reshape(501, 803, 3)
    assert np.abs(rows[..., ::-1].astype(int) - np.asarray(smooth)).max() < 12


@pytest.mark.parametrize("size_wh", [(MAX_PHOTO_SIDE_PX + 1, 8), (8, MAX_PHOTO_SIDE_PX + 1)])
def test_longer_sides_than_opencv_can_warp_are_refused(size_wh: tuple[int, int]) -> None:
    with pytest.raises(TooLargeError, match="longer than 32766 pixels"):
        decode_picture(saved(Image.new("L", size_wh), "PNG"))
    assert decode_picture(saved(Image.new("L", (MAX_PHOTO_SIDE_PX, 1)), "PNG")).shape[0] == 1


def test_killed_process_is_a_sentence_and_is_replaced() -> None:
    pool = DecodePool(1)
    data = saved(sample(), "PNG")

    def kill_meanwhile(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        process._worker.kill()
        process._worker.exit_code()
        return empty(size)

    process = pool._take()
    with pytest.raises(PictureError, match="cannot be decoded"):
        process.decode(data, kill_meanwhile)
    assert not process.usable
    process.close()
    assert_red_then_blue(pool.decode(data, empty, wait_s=0))
    pool.close()


def test_pictures_from_many_threads_are_not_mixed_up() -> None:
    frames = {level: saved(Image.new("L", (90, 60), level), "PNG") for level in range(40)}
    with ThreadPoolExecutor(8) as threads:
        decoded = dict(zip(frames, threads.map(decode_picture, frames.values()), strict=True))
    assert all((frame == level).all() for level, frame in decoded.items())


def test_no_free_process_is_a_sentence() -> None:
    pool = DecodePool(1)
    held, let_go = threading.Event(), threading.Event()

    def hold(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        held.set()
        assert let_go.wait(30)
        return empty(size)

    data = saved(sample(), "PNG")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(pool.decode, data, hold, wait_s=30)
        assert held.wait(30)
        with pytest.raises(BusyError, match="busy: try again in a moment"):
            pool.decode(data, empty, wait_s=0.01)
        let_go.set()
        assert_red_then_blue(first.result(30))
    pool.close()


def test_memory_is_shared_by_all_that_is_in_use() -> None:
    memory = PictureMemory(max_bytes=100, wait_s=0)
    first, part = memory.allocate(60), memory.allocate(40)[5:9]
    with pytest.raises(BusyError):
        memory.allocate(1)
    del first
    assert memory.allocate(60).nbytes == 60
    assert memory.used_bytes == 40  # a part keeps the whole
    del part
    assert memory.used_bytes == 0


def test_memory_is_waited_for() -> None:
    memory = PictureMemory(max_bytes=100, wait_s=30)
    held = [memory.allocate(100)]
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(memory.allocate, 80)
        time.sleep(0.05)
        assert not waiting.done()
        held.clear()
        assert waiting.result(30).nbytes == 80


def test_upload_without_memory_is_refused_and_its_process_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = saved(sample(), "PNG")
    decode_pool().close()
    decode_picture(data)
    monkeypatch.setattr(pictures, "_uploads", PictureMemory(max_bytes=10, wait_s=0))
    with pytest.raises(BusyError):
        decode_picture(data)
    monkeypatch.undo()
    assert_red_then_blue(decode_picture(data))
    assert decode_pool()._idle.qsize() == 1


def test_idle_process_ends_with_its_server(process: DecodeProcess) -> None:
    process._worker._requests.close()
    assert process._worker.exit_code() == 0


def test_files_are_decoded_after_a_fork() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    file = io.BytesIO()
    sample().save(file, "PNG")
    decode_picture(file.getvalue())
    before = decode_pool()
    child = os.fork()
    if child == 0:  # no pytest in here
        os._exit(0 if decode_pool() is not before and decode_pool()._idle.empty() else 1)
    assert os.waitpid(child, 0)[1] == 0
