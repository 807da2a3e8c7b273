"""Run a Streamlit app in its own process, on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from realtime.core.installed import app_file

ROOT = Path(__file__).resolve().parent.parent
STREAM_APP = str(app_file("stream_app.py"))
PROBE = Path(__file__).resolve().parent / "probe"
HEAVY_MODULES = ("tensorflow", "keras", "mediapipe")
LIVE_THREAD = "facestream-live"


@dataclass(frozen=True, slots=True)
class AppServer:
    """A running app.

    Attributes:
        process: The server process.
        url: The URL of the app.
        log: File with the output of the server.
        ready_s: Seconds from the start of the process to its first response.
        module_list: File to which the server writes the names of its modules on request.
    """

    process: psutil.Process
    url: str
    log: Path
    ready_s: float
    module_list: Path

    def modules(self, *, timeout_s: float = 10) -> set[str]:
        """Return the names of all modules that the server has imported.

        Raises:
            TimeoutError: The server did not list its modules in time.
        """
        self.module_list.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + timeout_s
        while not self.module_list.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("the server did not list its modules")
            time.sleep(0.05)
        return set(self.module_list.read_text().split())

    def live_threads(self) -> set[int]:
        """Return the ids of the threads that analyse streams (Linux only)."""
        ids = set()
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # the thread has ended since it was listed
                if (task / "comm").read_text().strip() == LIVE_THREAD:
                    ids.add(int(task.name))
        return ids


@contextmanager
def run_app(
    script: str,
    *,
    host: str = "localhost",
    address: str | None = "0.0.0.0",
    prefix: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    timeout_s: float = 60,
) -> Iterator[AppServer]:
    """Run `streamlit run script` until the context exits.

    By default it admits viewers whatever the load: their browsers run on its own cores here.

    Args:
        script: Path relative to the folder that contains `benchmarks`, or an absolute path.
        host: Host name or address at which clients reach the app.
        address: Address to listen on; None: the configured one. By default clients in another
            network namespace reach the app too.
        prefix: Command prefix, see `benchmarks.netns`.
        environment: Additional environment variables.
        timeout_s: Seconds to wait for the first response.

    Raises:
        RuntimeError: The app did not respond in time; the message ends with its output.
    """
    port = _free_port()
    options = ["--server.port", str(port)]
    if address is not None:
        options += ["--server.address", address]
    with tempfile.TemporaryDirectory() as folder:
        log, module_list = Path(folder) / "server.log", Path(folder) / "modules.txt"
        start = time.monotonic()
        with log.open("w") as output:
            server = subprocess.Popen(
                [*prefix, sys.executable, "-m", "streamlit", "run", script, *options],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": f"{PROBE}{os.pathsep}{ROOT}",
                     "FACESTREAM_PROBE_FILE": str(module_list),
                     "FACESTREAM_ADMIT_BY_LOAD": "false", **(environment or {})},
            )  # fmt: skip
        try:
            url = f"http://{host}:{port}"
            while not _responds(url, prefix):
                if server.poll() is not None or time.monotonic() - start > timeout_s:
                    raise RuntimeError(f"{script} did not respond:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            ready_s = time.monotonic() - start
            yield AppServer(psutil.Process(server.pid), url, log, ready_s, module_list)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


_GET = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=%d).read().decode())"


def fetch(url: str, prefix: Sequence[str] = (), *, timeout_s: int = 2) -> str:
    """Return the text at a URL of the app.

    Args:
        url: The URL.
        prefix: Command prefix of the app, see `run_app`: it is reachable only from inside its
            network namespace.
        timeout_s: Seconds to wait for it.

    Raises:
        OSError: The app did not answer, or not with success.
    """
    if prefix:
        command = [*prefix, sys.executable, "-c", _GET % timeout_s, url]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"no answer from {url}: {done.stderr.strip()[-200:]}")
        return done.stdout
    with urllib.request.urlopen(url, timeout=timeout_s) as response:
        return str(response.read().decode())


def _responds(url: str, prefix: Sequence[str]) -> bool:
    try:
        fetch(f"{url}/_stcore/health", prefix)
    except OSError:
        return False
    return True
