"""A Streamlit app as a process of its own, on a free port."""

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

ROOT = Path(__file__).resolve().parent.parent
PROBE = Path(__file__).resolve().parent / "probe"
HEAVY = ("tensorflow", "keras", "mediapipe")
LIVE_THREAD = "facestream-live"


@dataclass(frozen=True, slots=True)
class Served:
    """A running app.

    Attributes:
        process: the server itself.
        url: where it answers.
        log: what it printed.
        ready_s: seconds from its start to its first answer.
        module_list: where it writes the names of its modules.
    """

    process: psutil.Process
    url: str
    log: Path
    ready_s: float
    module_list: Path

    def modules(self, *, timeout_s: float = 10) -> set[str]:
        """The names of all modules that the server has loaded.

        Raises:
            TimeoutError: it did not say.
        """
        self.module_list.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        until = time.monotonic() + timeout_s
        while not self.module_list.exists():
            if time.monotonic() > until:
                raise TimeoutError("the server did not name its modules")
            time.sleep(0.05)
        return set(self.module_list.read_text().split())

    def live_threads(self) -> set[int]:
        """The ids of the threads that analyse streams (Linux)."""
        found = set()
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it ended between the two looks
                if (task / "comm").read_text().strip() == LIVE_THREAD:
                    found.add(int(task.name))
        return found


@contextmanager
def served(
    script: str,
    *,
    host: str = "localhost",
    prefix: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    timeout_s: float = 60,
) -> Iterator[Served]:
    """Run `streamlit run script` until the context ends.

    Args:
        script: path from the repository's root.
        host: the address at which it is reached.
        prefix: what to put before the command, see `benchmarks.netns`.
        environment: variables to add.
        timeout_s: how long it may take to answer.

    Raises:
        RuntimeError: it did not answer in time; the message ends with what it printed.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        log, modules = Path(folder) / "server.log", Path(folder) / "modules.txt"
        start = time.monotonic()
        with log.open("w") as out:
            child = subprocess.Popen(
                [*prefix, sys.executable, "-m", "streamlit", "run", script, "--server.port",
                 str(port), "--server.address", "0.0.0.0"],
                cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": f"{PROBE}{os.pathsep}{ROOT}",
                     "FACESTREAM_PROBE_FILE": str(modules), **(environment or {})},
            )  # fmt: skip
        try:
            url = f"http://{host}:{port}"
            while not _answers(url, prefix):
                if child.poll() is not None or time.monotonic() - start > timeout_s:
                    raise RuntimeError(f"{script} did not answer:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            ready_s = time.monotonic() - start
            yield Served(psutil.Process(child.pid), url, log, ready_s, modules)
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


_GET = "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2).read()"


def _answers(url: str, prefix: Sequence[str]) -> bool:
    health = f"{url}/_stcore/health"
    if prefix:  # only from inside its network
        command = [*prefix, sys.executable, "-c", _GET, health]
        return subprocess.run(command, capture_output=True).returncode == 0
    try:
        with urllib.request.urlopen(health, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
