"""Planning and resuming an archive of photos that do not exist, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from realtime.bulk.engine import MAX_SHARD, compare, make_plan, split
from realtime.bulk.files import part_prefix, write_tables
from realtime.bulk.job import Job
from realtime.bulk.schema import PHOTO, part_schema, part_table
from realtime.bulk.source_file import SourceFile
from realtime.bulk.worker_process import hash_of

SHARD = (1, 1)


def measure_plan(rows: int) -> dict[str, Any]:
    """Seconds of planning, and of resuming with half of the parts there, and the driver's memory.

    Raises:
        subprocess.CalledProcessError: the measurement failed.
    """
    with tempfile.TemporaryDirectory(prefix="facestream-plan-") as folder:
        command = [sys.executable, "-m", "benchmarks.bulk_plan", folder, str(rows)]
        first = _run([*command, "plan"])
        _run([*command, "parts"])
        second = _run([*command, "resume"])
    return {
        "rows": rows,
        "plan_s": first["seconds"],
        "resume_s": second["seconds"],
        "todo": second["todo"],
        "driver_mib": max(first["mib"], second["mib"]),
    }


def simulated(rows: int) -> Iterator[SourceFile]:
    """Photos in folders of a thousand."""
    for k in range(rows):
        path = f"/archive/{k // 1000:06d}/photo-{k:09d}.jpg"
        yield SourceFile(path=path, kind=PHOTO, bytes=100_000 + k, modified_ns=10**18 + k * 10**9)


def main() -> None:
    """Plan, write parts, or resume, as the arguments say; prints JSON."""
    folder, rows, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    start, todo = perf_counter(), 0
    if what == "parts":
        _write_parts(folder, rows)
    else:
        # Both list all files: that is how a resumed run knows what is missing.
        plan = make_plan(simulated(rows), Job(), folder, SHARD)
        for _ in split(plan.items(), MAX_SHARD):
            break
        todo = plan.todo
    # ru_maxrss would be that of the parent at the time of the fork.
    fields = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    seconds, mib = perf_counter() - start, int(fields[0]) / 1024
    print(json.dumps({"seconds": seconds, "todo": todo, "mib": mib}))


def _write_parts(folder: Path, rows: int) -> None:
    """Write parts without faces for the first half of the rows."""
    plan = compare(folder / f"manifest-{SHARD[0]}-of-{SHARD[1]}.parquet", folder, SHARD)
    schema, written = part_schema(), 0
    for items in split(plan.items(), MAX_SHARD):
        if written >= rows // 2:
            return
        table = part_table([item.row() for item in items])
        write_tables(folder / f"{part_prefix(SHARD)}{hash_of(items)}.parquet", schema, [table])
        written += len(items)


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
