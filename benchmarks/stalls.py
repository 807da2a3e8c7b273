"""The longest gap in a viewer's live stream while another visitor uploads something.

The stream runs in this process, as in the server, with a camera of 30 fps; its frames are taken as
the network's sender takes them. Each upload goes through the functions that the pages call.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from benchmarks import upload_samples
from benchmarks.environment import describe_environment, format_environment
from benchmarks.memory_peak import memory_peak
from benchmarks.moving_faces import moving_frames
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.live.live_track import LiveTrack
from realtime.media.frames import to_video
from realtime.ui.photo.analysis import Photo, analyse
from realtime.ui.preload import load_modules
from realtime.video import VideoError
from realtime.video.job import VideoJob, VideoSettings
from realtime.video.upload import open_upload

FPS = 30
SIZE_WH = (640, 480)
IDLE_S = 5.0
START_S = 60.0
SETTLE_S = 0.5
JOB_S = 120.0
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What an upload did.

    Attributes:
        upload: what was uploaded.
        file_kb: size of its file.
        took_s: how long it was handled.
        gap_ms: the longest gap between two frames of the stream, in all rounds.
        peak_mb: memory of the server and its helpers over idle, in a round of its own.
    """

    upload: str
    file_kb: int
    took_s: float
    gap_ms: float
    peak_mb: float


class Camera(MediaStreamTrack):
    """A moving face at 30 fps."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._frames = [to_video(frame) for frame in moving_frames(1, SIZE_WH, count=FPS)]
        self._next, self._start_s = 0, time.monotonic()

    async def recv(self) -> VideoFrame:
        """The next frame, when it is due."""
        due_s = self._start_s + self._next / FPS
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        frame = self._frames[self._next % len(self._frames)]
        frame.pts, frame.time_base = self._next, Fraction(1, FPS)
        self._next += 1
        return frame


class Viewer(threading.Thread):
    """A live stream in an event loop of its own, and the times of its frames."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.times_s: list[float] = []
        self._track: LiveTrack | None = None

    def run(self) -> None:
        """Take the frames until `end`."""
        asyncio.run(self._take())

    async def _take(self) -> None:
        self._track = LiveTrack()
        self._track.addTrack(Camera())
        self._track.start()
        try:
            while True:
                await self._track.recv()
                self.times_s.append(time.monotonic())
        except MediaStreamError:
            return

    def end(self) -> None:
        """End the stream."""
        if self._track is not None:
            self._track.stop()
        self.join()

    def longest_gap_ms(self, start_s: float, end_s: float) -> float:
        """Of all gaps that overlap this time; the stream must have gone on since."""
        pairs = pairwise([*self.times_s])
        return 1e3 * max((b - a for a, b in pairs if b > start_s and a < end_s), default=0.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks stalls`."""
    parser.add_argument("--rounds", type=int, default=2, help="of each upload (%(default)s)")
    parser.add_argument("--only", metavar="TEXT", default="", help="uploads with this in the name")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure all uploads one after the other, beside one stream.

    Raises:
        RuntimeError: the stream does not start.
    """
    header, viewer = describe_environment(), Viewer()
    todo = uploads()
    load_modules()  # as the server does
    networks = Networks()
    networks.warm_up(AnalysisSettings())
    _photo(networks, upload_samples.group_photo(1))  # starts a decoding process
    viewer.start()
    end_s = time.monotonic() + START_S
    while len(viewer.times_s) < FPS:
        if time.monotonic() > end_s:
            raise RuntimeError("the stream does not start")
        time.sleep(0.1)
    rows = []
    for name, (make, handle) in todo.items():
        if args.only in name or name == NOTHING:
            rows.append(asdict(_measure(viewer, name, make(), handle, networks, args.rounds)))
    viewer.end()
    return {"benchmark": "stalls", "header": header, "rounds": args.rounds, "rows": rows}


Handle = Callable[[Networks, Any], None]


def uploads() -> dict[str, tuple[Callable[[], Any], Handle]]:
    """How to make and how to handle each upload."""
    picture = upload_samples.large_picture
    return {
        NOTHING: (bytes, lambda networks, _: time.sleep(IDLE_S)),
        "PNG, 40 Mpx of one colour": (lambda: picture("PNG", "RGBA", plain=True), _photo),
        "JPEG, 40 Mpx": (lambda: picture("JPEG"), _photo),
        "progressive JPEG, 40 Mpx": (
            lambda: picture("JPEG", progressive=True, subsampling=0),
            _photo,
        ),
        "WebP, 40 Mpx": (lambda: picture("WEBP", method=0), _photo),
        "JPEG of 80 scans, 36 Mpx": (upload_samples.scan_bomb, _photo),
        "JPEG, 12 Mpx, 10 faces": (upload_samples.group_photo, _photo),
        "video, 3 s, 720p": (lambda: upload_samples.clip(3, (1280, 720)), _video),
        "video, 1 s, 4K": (lambda: upload_samples.clip(1, (3840, 2160)), _video),
        "video of 10^7 claimed frames": (upload_samples.claiming_video, _video),
        "JSON export, 150,000 rows": (
            lambda: upload_samples.long_table(150_000),
            lambda networks, table: table.json(),
        ),
    }


def _photo(networks: Networks, data: bytes) -> None:
    analyse(lambda: networks, Photo(id="0", name="photo", data=data), AnalysisSettings())


def _video(networks: Networks, data: bytes) -> None:
    try:
        job = VideoJob(open_upload("video", data), VideoSettings())
    except VideoError:
        return  # as it should be for a hostile one
    job.join(JOB_S)
    job.cancel()


def _measure(
    viewer: Viewer, name: str, data: Any, handle: Handle, networks: Networks, rounds: int
) -> Row:
    gaps, took = [], []
    for _ in range(rounds):
        time.sleep(SETTLE_S)  # a gap that making the file caused is not the upload's
        start_s = time.monotonic()
        handle(networks, data)
        end_s = time.monotonic()
        time.sleep(SETTLE_S)  # what is freed or begun late counts too
        gaps.append(viewer.longest_gap_ms(start_s, time.monotonic()))
        took.append(end_s - start_s)
    with memory_peak() as peak:
        handle(networks, data)
    return Row(
        upload=name,
        file_kb=round(len(data) / 1024) if isinstance(data, bytes) else 0,
        took_s=round(min(took), 2),
        gap_ms=round(max(gaps), 1),
        peak_mb=round(peak.over_bytes / 1e6, 1),
    )


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        f"one live stream at {FPS} fps; the longest gap of {results['rounds']} rounds, the peak of",
        "memory over idle of the server with its helpers in another",
        f"{'upload':>30}{'KB':>8}{'took s':>8}{'gap ms':>8}{'MB':>7}",
    ]
    lines += [
        f"{r['upload']:>30}{r['file_kb']:>8}{r['took_s']:>8.2f}{r['gap_ms']:>8.0f}"
        f"{r['peak_mb']:>7.0f}"
        for r in results["rows"]
    ]
    return "\n".join(lines)
