"""Processes that open files of strangers; a damaged file ends one of them only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, BufferedWriter
from typing import Any, cast

# With the server's own search path, so that both run the same code, wherever it is installed.
_START = "import sys; sys.path[:] = sys.argv[1:]; from {module} import main; main()"
# One thread is enough; and without a fixed threshold glibc keeps the memory of the last file.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(1024**2)}

# Processes that analyse keep the memory of a picture's arrays for the next one: having the system
# clear new memory for each took a sixth of the time. Larger blocks are given back.
_ANALYSIS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(16 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(32 * 1024**2),
}


def worker_command(module: str) -> list[str]:
    """The command that runs `main` of a module in another process."""
    return [sys.executable, "-c", _START.format(module=module), *sys.path]


def worker_environment() -> dict[str, str]:
    """The environment variables of such a process."""
    return os.environ | _ENVIRONMENT


def analysis_environment() -> dict[str, str]:
    """The environment variables of a process that analyses picture after picture on one core."""
    return os.environ | _ANALYSIS


class WorkerProcess:
    """A process that runs `main` of a module, reads requests and answers in lines of JSON.

    Args:
        module: its name; see `realtime.media.worker_side` for what such a module needs.
        pipe_bytes: size of the pipes, where the system lets it be chosen.

    Attributes:
        late: whether `killed_after` has ended it.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(self, module: str, *, pipe_bytes: int = -1) -> None:
        self.late = False
        self._process = subprocess.Popen(
            worker_command(module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=pipe_bytes,
            stderr=subprocess.DEVNULL,  # libraries complain there about damaged files
            env=worker_environment(),
        )
        self._requests = cast(BufferedWriter, self._process.stdin)
        self._answers = cast(BufferedReader, self._process.stdout)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, *parts: bytes | memoryview) -> None:
        """Send bytes.

        Raises:
            OSError: the process has ended.
        """
        for part in parts:
            self._requests.write(part)
        self._requests.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the next answer.

        Raises:
            EOFError: the process has ended.
        """
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        return answer

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer with what follows an answer.

        Raises:
            EOFError: the process has ended.
        """
        if self._answers.readinto(buffer) != buffer.nbytes:
            raise EOFError

    @contextmanager
    def killed_after(self, seconds: float) -> Iterator[None]:
        """End the process if the block takes longer; its pipes then end what waits for them."""

        def kill() -> None:
            self.late = True
            self._process.kill()

        timer = threading.Timer(max(0.0, seconds), kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def exit_code(self) -> int:
        """Wait for the end of the process; negative where a signal ended it."""
        return self._process.wait()

    def kill(self) -> None:
        """End the process if it still runs."""
        self._process.kill()

    def close(self) -> None:
        """End the process and free its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()
