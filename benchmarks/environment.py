"""The environment of a benchmark run: commit, machine and package versions."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "ai-edge-litert",
    "av",
    "mediapipe",
    "numpy",
    "opencv-python-headless",
    "streamlit",
    "streamlit-webrtc",
)


def describe_environment() -> dict[str, Any]:
    """Collect commit, CPU, cores, load, system, versions and UTC date, ready for JSON.

    Benchmarks store it as `header`. Call it before measuring: it records the load average.
    """
    return {
        "commit": current_commit(),
        "cpu": cpu_model(),
        "cores": usable_cores(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load_before": [round(load, 2) for load in _load_average()],
        "priority": scheduling_priority(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def format_environment(environment: dict[str, Any]) -> str:
    """Format the result of `describe_environment` as three lines of text."""
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    return (
        f"commit {environment['commit']}, {environment['date']}\n"
        f"{environment['cpu']}, {environment['cores']} cores, {environment['system']}, "
        f"load {environment['load_before']}, {environment['priority']} priority\n"
        f"Python {environment['python']}, {packages}"
    )


def current_commit() -> str:
    """The short hash of the checked-out commit, with "+" if tracked files are modified."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def cpu_model() -> str:
    """The name of the CPU model."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """The number of cores this process may use; in a container it can be less than the total."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def scheduling_priority() -> str:
    """`real-time` or `normal`; other load on the machine disturbs a real-time process less."""
    if not hasattr(os, "sched_getscheduler"):
        return "normal"
    real_time = os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)
    return "real-time" if real_time else "normal"


def _git(*arguments: str) -> str:
    completed = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10
    )
    return completed.stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _load_average() -> tuple[float, ...]:
    """The load averages over 1, 5 and 15 minutes, if the system has them."""
    return os.getloadavg() if hasattr(os, "getloadavg") else ()
