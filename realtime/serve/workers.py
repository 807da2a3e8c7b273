"""The worker processes: each a whole server; one that dies is started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress

from realtime.core.installed import app_file
from realtime.serve.caddyfile import Upstream
from realtime.serve.ports import free_port

NAME_VARIABLE = "FACESTREAM_WORKER_NAME"
CORES_VARIABLE = "FACESTREAM_CORES"
VIEWERS_VARIABLE = "FACESTREAM_MAX_VIEWERS"
START_S = 60.0
STOP_S = 10.0
MAX_PAUSE_S = 10.0  # before a worker that keeps dying is started again


class Worker:
    """One worker process.

    Args:
        name: its name for Caddy, of letters and digits.
        environment: more environment variables.
        clock: monotonic time in seconds.

    Attributes:
        upstream: what Caddy has to know of it.
    """

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.upstream = Upstream(name=name, port=free_port())
        self._environment = {**os.environ, **environment, NAME_VARIABLE: name}
        self._clock = clock
        self._deaths = 0
        self._start_at_s: float | None = None
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def _start(self) -> subprocess.Popen[bytes]:
        port = str(self.upstream.port)
        options = ["--server.address", "127.0.0.1", "--server.port", port]
        command = [sys.executable, "-m", "streamlit", "run", str(app_file("stream_app.py"))]
        # Streamlit prints its address, which nobody but Caddy should use.
        return subprocess.Popen(
            [*command, *options], env=self._environment, stdout=subprocess.DEVNULL
        )

    def keep_running(self) -> bool:
        """Start the process again if it has died; later each time. Returns whether it died now."""
        if self.running:
            return False
        if self._start_at_s is None:
            self._start_at_s = self._clock() + min(MAX_PAUSE_S, 0.25 * 2**self._deaths)
            self._deaths += 1
            return True
        if self._clock() >= self._start_at_s:
            self._start_at_s = None
            self._process = self._start()
        return False

    def state(self) -> dict[str, object] | None:
        """What `/readyz` reports; None while it does not answer."""
        url = f"http://{self.upstream.address}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:  # 503 says why
            with error, suppress(ValueError):
                return dict(json.load(error))
        except OSError:
            pass
        return None

    def stop(self) -> None:
        """Ask it to end, which it does within `STOP_S`."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float) -> None:
        """Wait for its end; kill it if that takes longer."""
        try:
            self._process.wait(max(0.0, timeout_s))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
