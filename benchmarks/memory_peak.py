"""Peak memory of a process and its children, sampled by another process (Linux)."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

INTERVAL_S = 0.005
_COUNTED = ("RssAnon:", "RssShmem:")  # mapped files are shared and can be dropped


class Peak:
    """What was measured.

    Attributes:
        over_bytes: the peak minus what was held at the start; known after the block.
    """

    over_bytes = 0


@contextmanager
def memory_peak() -> Iterator[Peak]:
    """Measure this process and its children while the block runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    sampler = context.Process(target=_sample, args=(os.getpid(), theirs), daemon=True)
    sampler.start()
    theirs.close()
    ours.recv()  # it samples
    peak = Peak()
    try:
        yield peak
    finally:
        ours.send(None)
        peak.over_bytes = ours.recv()
        sampler.join()


def held_bytes(pid: int, without: int) -> int:
    """Memory of a process and its children, except for one of them.

    A child that has yet to run its program shows its parent's memory as its own; it is left out.
    """
    total, program = _anonymous_bytes(pid), _command(pid)
    for task in _listed(f"/proc/{pid}/task"):
        with suppress(OSError):
            for child in Path(f"{task}/children").read_text().split():
                if int(child) != without and _command(int(child)) != program:
                    total += _anonymous_bytes(int(child))
    return total


def _sample(pid: int, ends: Connection) -> None:
    before = most = held_bytes(pid, os.getpid())
    ends.send(None)
    while not ends.poll(0):
        most = max(most, held_bytes(pid, os.getpid()))
        time.sleep(INTERVAL_S)
    ends.send(most - before)


def _anonymous_bytes(pid: int) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(_COUNTED))
    return 0


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _listed(folder: str) -> list[str]:
    with suppress(OSError):
        return [f"{folder}/{name}" for name in os.listdir(folder)]
    return []
