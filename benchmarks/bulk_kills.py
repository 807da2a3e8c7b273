"""Archive runs that are killed at random moments and resumed: is any row missing or doubled?"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.environment import usable_cores
from realtime.bulk.files import read_columns

ROOT = Path(__file__).resolve().parent.parent


def measure_kills(photos: Path, folder: Path, kills: int) -> dict[str, int]:
    """Kill runs at random moments, go on until all is done, and count the rows.

    Raises:
        RuntimeError: rows are missing or doubled, or something half-written is left.
    """
    command = [
        sys.executable, "-m", "realtime", "bulk", str(photos), "--out", str(folder),
        "--workers", str(usable_cores()),
    ]  # fmt: skip
    chance, alive, rounds = random.Random(0), 0, 1
    for _ in range(kills):
        # Keep going over the same photos: a run that has nothing to do cannot be killed at work.
        if folder.is_dir() and _missing(folder, len(list(photos.iterdir()))) == 0:
            check_rows(photos, folder)
            rounds += 1
            for path in folder.glob("part-*"):
                path.unlink()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        parts, wait_s = _parts(folder), chance.uniform(0, 3)
        while process.poll() is None and _parts(folder) == parts:
            time.sleep(0.01)
        end_s = time.monotonic() + wait_s
        while process.poll() is None and time.monotonic() < end_s:
            time.sleep(0.005)
        alive += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {"kills": kills, "alive": alive, "rounds": rounds, **check_rows(photos, folder)}


def check_rows(photos: Path, folder: Path) -> dict[str, int]:
    """Count rows of the parts that are missing or doubled.

    Raises:
        RuntimeError: there are any, or rows of other photos.
    """
    paths = _paths(folder)
    expected = {str(path) for path in photos.iterdir()}
    missing, doubled = len(expected - set(paths)), len(paths) - len(set(paths))
    if missing or doubled or set(paths) != expected:
        raise RuntimeError(f"{missing} rows are missing and {doubled} doubled")
    return {"missing": missing, "doubled": doubled}


def _parts(folder: Path) -> int:
    return len(list(folder.glob("*part-*")))


def _paths(folder: Path) -> list[str]:
    tables = [read_columns(path, ["path"]) for path in folder.glob("part-*")]
    return [path for table in tables for path in table["path"].to_pylist()]


def _missing(folder: Path, total: int) -> int:
    return total - len(_paths(folder))
