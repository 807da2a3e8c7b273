"""human.js, the comparable library for browsers, in a Chromium, for `python -m benchmarks peers`.

It runs on its WebAssembly backend with the networks of its own package: no GPU is used, as by all
other programs compared.
"""

from __future__ import annotations

import functools
import http.server
import os
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import cv2
import psutil
from playwright.sync_api import sync_playwright

from benchmarks.browser import chromium, chromium_path
from benchmarks.npm_packages import NpmError, fetch
from benchmarks.peer_process import load_frames

HUMAN = ("@vladmandic/human", "3.3.6")
WASM = ("@tensorflow/tfjs-backend-wasm", "4.22.0")  # the one that this version of HUMAN contains
PAGE = Path(__file__).with_name("human_peer.html")
TURN_TIMEOUT_S = 180.0


def missing() -> str:
    """Why it cannot run here; empty if it can. Fetches it at the first call."""
    if chromium_path() is None:
        return "Chromium was not found: install it or set CHROMIUM"
    try:
        for package in (HUMAN, WASM):
            fetch(*package)
    except NpmError as error:
        return str(error)
    return ""


class HumanPeer:
    """human.js in a browser of its own; has the interface of `PeerProcess`.

    Args:
        scene: a number of moving faces, or the path of a clip.
        max_faces: maximum number of faces.

    Raises:
        NpmError: it cannot be fetched.
        RuntimeError: it does not run on its WebAssembly backend.
    """

    def __init__(self, scene: str, max_faces: int) -> None:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (folder / "human").symlink_to(fetch(*HUMAN))
            (folder / "wasm").symlink_to(fetch(*WASM))
            (folder / "index.html").write_bytes(PAGE.read_bytes())
            (folder / "frames").mkdir()
            frames = load_frames(scene)
            for i, frame in enumerate(frames):
                cv2.imwrite(str(folder / "frames" / f"{i}.png"), frame)
            url = stack.enter_context(_Server(folder)).url
            playwright = stack.enter_context(sync_playwright())
            browser = stack.enter_context(
                chromium(playwright, camera=None, prefix=("taskset", "-c", str(_core())))
            )
            self._page = browser.new_page()
            self._page.set_default_timeout(TURN_TIMEOUT_S * 1e3)
            self._page.goto(f"{url}/?frames={len(frames)}&faces={max_faces}")
            self._page.wait_for_function("window.prepare")
            backend = self._page.evaluate("prepare()")
            if backend != "wasm":
                raise RuntimeError(f"human.js runs on {backend}, not on WebAssembly")
            self._stack = stack.pop_all()

    def turn(self, frames: int, seconds: float) -> dict[str, list[float]]:
        """Run the next frames; see `PeerProcess.turn`.

        The CPU time is that of all of Chromium's processes: a frame's is its share of the turn's,
        by the time that it took.
        """
        before_s = _browser_cpu_s()
        times = self._page.evaluate("([n, s]) => turn(n, s)", [frames, seconds])
        cpu_ms, wall_ms = (_browser_cpu_s() - before_s) * 1e3, sum(times["wall_ms"])
        share = [ms * cpu_ms / wall_ms for ms in times["wall_ms"]]
        return {"cpu_ms": share, "faces": times["faces"]}

    def __enter__(self) -> HumanPeer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


class _Server:
    """Serves a folder on this machine; use in a `with` block."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Handler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> _Server:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 (as in the base class)
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".wasm": "application/wasm",
        ".js": "text/javascript",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def _core() -> int:
    """The core that the other programs run on, too."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


def _browser_cpu_s() -> float:
    """CPU seconds so far of all processes of this process's browser."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" not in process.name():
                continue
            for task in Path(f"/proc/{process.pid}/task").iterdir():
                seconds += int((task / "schedstat").read_text().split()[0]) / 1e9
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return seconds
