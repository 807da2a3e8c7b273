"""CPU time and memory of a process and all that it started."""

from __future__ import annotations

import contextlib

import psutil


def process_tree(root: psutil.Process | None = None) -> list[psutil.Process]:
    """A process, by default this one, and its descendants."""
    root = root or psutil.Process()
    return [root, *root.children(recursive=True)]


def cpu_s(root: psutil.Process | None = None) -> float:
    """Seconds of CPU time that the processes have used."""
    total = 0.0
    for process in process_tree(root):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def memory_mib(root: psutil.Process | None = None) -> float:
    """Resident memory; pages that several processes share count once (PSS, Linux)."""
    total = 0
    for process in process_tree(root):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 2**20
