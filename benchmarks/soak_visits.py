"""What the visitors of a soak test do, and what the server holds meanwhile."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
from playwright.sync_api import Page

from benchmarks.app_server import AppServer, fetch
from benchmarks.crowd import Crowd
from benchmarks.fake_camera import moving_faces
from benchmarks.growth import Holdings
from benchmarks.moving_faces import scene
from realtime.video import VideoWriter

MIB = 2**20
PHOTO_FACES, PHOTO_WH = 6, (1600, 1200)
VIDEO_FRAMES, VIDEO_FPS = 30, 30
CHECK_S = 1.0
COLUMNS = ("minute", "phase", "viewers", "rss_mib", "children_mib", "threads", "files", "sessions",
           "streams", "temporary")  # fmt: skip


class Visits:
    """Visits of the three kinds; each ends with its visitors still there.

    Args:
        folder: Where to put the files that visitors upload.
        capacity: Number of viewers whom the server is meant for.
        stream_s: Seconds that viewers watch.

    Attributes:
        count: Number of visits so far.
    """

    def __init__(self, folder: Path, capacity: int, stream_s: float) -> None:
        self.count = 0
        self._capacity = capacity
        self._stream_s = stream_s
        self._photo = folder / "group.jpg"
        cv2.imwrite(str(self._photo), scene(PHOTO_FACES, PHOTO_WH))
        self._video = folder / "clip.mp4"
        with VideoWriter(self._video) as writer:
            for n, frame_bgr in enumerate(moving_faces(1, VIDEO_FRAMES)):
                writer.write(frame_bgr, n / VIDEO_FPS)

    def half(self, crowd: Crowd) -> None:
        """Half the capacity; one of them closes the tab properly."""
        pages = self._watch(crowd, max(1, self._capacity // 2))
        if len(pages) > 1:
            pages[0].close()

    def double(self, crowd: Crowd) -> None:
        """Twice the capacity; one of them records."""
        self._watch(crowd, 2 * self._capacity, record=True)

    def files(self, crowd: Crowd) -> None:
        """A photo and a video."""
        self.count += 1
        page = crowd.visit("photo")
        page.set_input_files("input[type=file]", self._photo)
        page.get_by_role("heading", name=f"{PHOTO_FACES} faces").wait_for()
        page.get_by_role("link", name="Video files").click()
        page.get_by_role("heading", name="Video files").wait_for()
        page.set_input_files("input[type=file]", self._video)
        page.get_by_role("button", name="Analyse video").click()
        page.get_by_role("button", name="Analyse again").wait_for()

    def _watch(self, crowd: Crowd, viewers: int, *, record: bool = False) -> list[Page]:
        self.count += viewers
        pages = crowd.start_streams(viewers)
        if record:
            pages[0].get_by_role("button", name=re.compile("Record$")).click()
        time.sleep(self._stream_s)
        return pages


class Watch:
    """Reads what the server holds, and prints it.

    Args:
        app: The server, running `benchmarks/soak_app.py`.
        prefix: Prefix for commands on its host.
        temporary: Its folder for temporary files.
    """

    def __init__(self, app: AppServer, prefix: Sequence[str], temporary: Path) -> None:
        self._app = app
        self._prefix = prefix
        self._temporary = temporary
        self._start_s = time.monotonic()
        print(" ".join(COLUMNS), file=sys.stderr)

    def read(self, phase: str, viewers: int) -> Holdings:
        """Read and print what the server holds now."""
        held = json.loads(fetch(f"{self._app.url}/soak", self._prefix, timeout_s=10))
        process = self._app.process
        children = [
            child.memory_full_info().pss / MIB for child in process.children(recursive=True)
        ]
        row = Holdings(
            minute=round((time.monotonic() - self._start_s) / 60, 1),
            phase=phase,
            viewers=viewers,
            rss_mib=round(process.memory_info().rss / MIB, 1),
            children_mib=round(sum(children), 1),
            threads=process.num_threads(),
            files=process.num_fds(),
            sessions=held["sessions"],
            streams=held["streams"],
            temporary=sum(path.is_file() for path in self._temporary.rglob("*")),
            objects=held["objects"],
        )
        print(*(getattr(row, name) for name in COLUMNS), held, file=sys.stderr)
        return row

    def wait_until_gone(self, viewers: int, timeout_s: float) -> Holdings:
        """Wait until sessions and streams have ended, then read."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            held = json.loads(fetch(f"{self._app.url}/soak", self._prefix, timeout_s=10))
            if not (held["sessions"] or held["streams"] or held["objects"]):
                break
            time.sleep(CHECK_S)
        return self.read("gone", viewers)
