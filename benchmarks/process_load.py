"""CPU time and memory of this process and all that it started."""

from __future__ import annotations

import contextlib

import psutil


def process_tree() -> list[psutil.Process]:
    """This process and its descendants."""
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def cpu_s() -> float:
    """Seconds of CPU time that the processes have used."""
    total = 0.0
    for process in process_tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def memory_mib() -> float:
    """Resident memory; pages that several processes share count once (PSS, Linux)."""
    total = 0
    for process in process_tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 2**20
