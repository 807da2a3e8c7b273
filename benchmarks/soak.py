"""Viewers come and go for minutes: what the server keeps of them, and whether it grows.

Each cycle has three crowds: half as many viewers as the machine has cores, who close their tabs;
twice as many, one of whom records, whose browser is killed; and a visitor who uploads a photo and
a video. When all have gone, the server must hold what it held a cycle before.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from benchmarks.app_server import run_app
from benchmarks.crowd import crowd
from benchmarks.environment import describe_environment, format_environment, usable_cores
from benchmarks.fake_camera import write_camera
from benchmarks.growth import MAX_MIB_PER_VIEWER, Holdings, mib_per_viewer, problems
from benchmarks.netns import TwoHosts
from benchmarks.soak_visits import COLUMNS, Visits, Watch

APP = "benchmarks/soak_app.py"
CAMERA_S = 4.0
GONE_TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Options of a soak test.

    Attributes:
        minutes: No cycle begins later than this.
        capacity: Number of viewers whom the machine serves well.
        stream_s: Seconds that each crowd watches.
        grace_s: Seconds after which the server closes the session of a browser that has gone.
    """

    minutes: float = 10.0
    capacity: int = 2
    stream_s: float = 8.0
    grace_s: float = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks soak`."""
    parser.add_argument("--minutes", type=float, default=10, help="duration (default: 10)")
    parser.add_argument(
        "--capacity", type=int, default=usable_cores(),
        help="viewers at a time; half and twice as many come (default: one per core)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the soak test.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: Network namespaces cannot be created, or the server does not respond.
    """
    header = describe_environment()
    load = Load(minutes=args.minutes, capacity=max(1, args.capacity))
    with TwoHosts() as hosts, sync_playwright() as playwright:
        rows = soak(playwright, hosts, load)
    empty = [row for row in rows if row.phase == "gone"]
    return {
        "benchmark": "soak",
        "header": header,
        "load": asdict(load),
        "rows": [asdict(row) for row in rows],
        "mib_per_viewer": mib_per_viewer(empty),
        "problems": problems(empty),
    }


def soak(playwright: Playwright, hosts: TwoHosts | None, load: Load) -> list[Holdings]:
    """Run cycles for the given time, at least one.

    Returns:
        What the server held, with the phases "start", "half", "double", "files" and "gone".
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        temporary = folder / "temporary"
        temporary.mkdir()
        server = hosts.server if hosts else ()
        app = stack.enter_context(
            run_app(
                APP,
                host=hosts.address if hosts else "localhost",
                prefix=server,
                environment={
                    "TMPDIR": str(temporary),
                    "FACESTREAM_SOAK_GRACE_S": str(load.grace_s),
                },
            )
        )
        visits = Visits(folder, load.capacity, load.stream_s)
        watch = Watch(app, server, temporary)
        camera = write_camera(folder / "1.mjpeg", faces=1, seconds=CAMERA_S)
        rows = [watch.read("start", 0)]
        while len(rows) == 1 or rows[-1].minute < load.minutes:
            for visit in (visits.half, visits.double, visits.files):
                with crowd(playwright, app, hosts, camera) as viewers:
                    visit(viewers)
                    rows.append(watch.read(visit.__name__, visits.count))
                    viewers.kill()
            rows.append(watch.wait_until_gone(visits.count, GONE_TIMEOUT_S))
    return rows


def report(results: dict[str, Any]) -> str:
    """Format the results as a table, and what is wrong below it."""
    lines = [format_environment(results["header"]), ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "| --- " * len(COLUMNS) + "|"]
    lines += [
        "| " + " | ".join(str(row[name]) for name in COLUMNS) + " |" for row in results["rows"]
    ]
    growth = results["mib_per_viewer"]
    if growth is not None:
        lines.append(f"Growth: {growth:.2f} MiB per viewer; the limit is {MAX_MIB_PER_VIEWER} MiB.")
    return "\n".join([*lines, *results["problems"]])
