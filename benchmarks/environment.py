"""What every figure needs beside it: the code, the machine and the packages it was taken with."""

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


def header() -> dict[str, Any]:
    """Commit, CPU, cores, system, versions and date (UTC), ready for JSON."""
    return {
        "commit": commit(),
        "cpu": cpu_model(),
        "cores": usable_cores(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load_before": [round(load, 2) for load in _load()],
        "priority": priority(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def header_text(values: dict[str, Any]) -> str:
    """The header in three lines for people."""
    packages = ", ".join(f"{name} {version}" for name, version in values["packages"].items())
    return (
        f"commit {values['commit']}, {values['date']}\n"
        f"{values['cpu']}, {values['cores']} cores, {values['system']}, "
        f"load {values['load_before']}, {values['priority']} priority\n"
        f"Python {values['python']}, {packages}"
    )


def commit() -> str:
    """The checked-out commit, with "+" where tracked files differ from it."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def cpu_model() -> str:
    """The CPU as the system calls it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Cores that this process may use, which a container may keep below those there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def priority() -> str:
    """How this process competes with others: a busy machine disturbs a real-time one less."""
    if not hasattr(os, "sched_getscheduler"):
        return "normal"
    real_time = os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)
    return "real-time" if real_time else "normal"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _load() -> tuple[float, ...]:
    """A busy machine gives slow figures: the load of the last 1, 5 and 15 minutes tells on it."""
    return os.getloadavg() if hasattr(os, "getloadavg") else ()
