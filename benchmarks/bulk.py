"""Archives: rates of both engines, kill -9 and resume, memory, and plans of a million photos."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq

from benchmarks.bulk_kills import measure_kills
from benchmarks.bulk_plan import measure_plan
from benchmarks.bulk_questions import measure_questions
from benchmarks.environment import describe_environment, format_environment
from benchmarks.moving_faces import moving_frames
from realtime.attribute.registry import ATTRIBUTES
from realtime.bulk import files
from realtime.bulk.job import Job
from realtime.bulk.run import Archive, run_archive
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.detect.facestream import network_file, resize_and_pad
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from realtime.inference.litert import DynamicLiteRTModel
from realtime.media.pictures import read_picture

PARTS = ("rate", "batch", "engines", "memory", "kill", "plan", "questions")
BATCH = 4  # photos through the detector's network at once
SIZE_WH = (640, 480)
WARM_UP = 10  # photos of the single-process path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks bulk`."""
    parser.add_argument(
        "--parts", default=",".join(PARTS), help="what to measure (default: %(default)s)"
    )
    parser.add_argument("--photos", type=int, default=400, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=2, help="of each rate (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the simulated manifest")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the chosen parts.

    Raises:
        ValueError: there is no such part.
        RuntimeError: rows are missing or doubled.
    """
    parts = args.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        raise ValueError(f"there is no part {unknown.pop()!r}; choose from {', '.join(PARTS)}")
    results: dict[str, Any] = {"benchmark": "bulk", "header": describe_environment()}
    with tempfile.TemporaryDirectory(prefix="facestream-bulk-") as name:
        folder = Path(name)
        photos = folder / "photos"
        write_photos(photos, args.photos)
        if "rate" in parts:
            results["rate"] = [measure_rate(photos, folder / "rate") for _ in range(args.rounds)]
        if "batch" in parts:
            results["batch"] = measure_batch()
        if "engines" in parts:
            results["engines"] = [
                measure_engines(photos, folder / "engines") for _ in range(args.rounds)
            ]
        if "memory" in parts:
            results["memory"] = measure_memory(photos, folder / "memory")
        if "kill" in parts:
            results["kill"] = measure_kills(photos, folder / "kill", args.kills)
        if "plan" in parts:
            results["plan"] = measure_plan(args.rows)
        if "questions" in parts:
            photo = photos / "000000.jpg"
            results["questions"] = measure_questions(photo, job(), args.rows)
    return results


def write_photos(folder: Path, count: int) -> None:
    """Write VGA photos of one face each."""
    folder.mkdir()
    frames = moving_frames(1, SIZE_WH)
    for k in range(count):
        cv2.imwrite(str(folder / f"{k:06d}.jpg"), frames[k % len(frames)])


def measure_rate(photos: Path, folder: Path) -> dict[str, float]:
    """Photos a second on one core: the photo path in one process, and a worker, on that core."""
    with cores(1):
        single = single_rate(sorted(photos.iterdir()))
        worker = archive_rate(photos, folder, workers=1)
    return {"single": single, "worker": worker, "ratio": worker / single}


def measure_batch(runs: int = 20) -> dict[str, float]:
    """Milliseconds a photo of the detector's network, alone and `BATCH` at once, on one core."""
    entry = detector_entry(job().settings.detector)
    picture, _ = resize_and_pad(moving_frames(1, SIZE_WH)[0], entry.photo_max_side_px)
    times: dict[str, list[float]] = {"one_ms": [], "batch_ms": []}
    with cores(1):
        network = DynamicLiteRTModel(network_file())
        inputs = {"one_ms": picture[None], "batch_ms": np.stack([picture] * BATCH)}
        for pictures in inputs.values():
            network(pictures)
        for _ in range(runs):
            for name, pictures in inputs.items():
                start = perf_counter()
                network(pictures)
                times[name].append((perf_counter() - start) * 1e3 / len(pictures))
    return {name: float(np.median(values)) for name, values in times.items()}


def measure_engines(photos: Path, folder: Path) -> dict[str, float]:
    """Photos a second of one worker on a core, of two on two, and of two actors of Ray."""
    with cores(1):
        one = archive_rate(photos, folder, workers=1)
    with cores(2):
        two = archive_rate(photos, folder, workers=2)
        ray = archive_rate(photos, folder, workers=2, engine="ray")
    ratios = {"two_over_one": two / one, "ray_over_two": ray / two}
    return {"one": one, "two": two, "ray": ray, **ratios}


def single_rate(paths: Sequence[Path]) -> float:
    """Photos a second of `read_picture` and `analyze_photo` in this process."""
    cv2.setNumThreads(1)
    settings = job().settings
    networks = Networks(threads=1)
    networks.warm_up(settings, faces=1)
    for path in paths[:WARM_UP]:
        analyze_photo(networks, read_picture(path), settings)
    start = perf_counter()
    for path in paths:
        analyze_photo(networks, read_picture(path), settings)
    return len(paths) / (perf_counter() - start)


def archive_rate(photos: Path, folder: Path, *, workers: int, engine: str = "local") -> float:
    """Photos a second between the first part and the last, so without starting processes."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as out:
        archive = Archive(
            sources=(str(photos),), folder=Path(out), job=job(), workers=workers, engine=engine
        )
        run_archive(archive)
        # By the files: reports of Ray come a little later.
        parts = sorted(Path(out).glob(files.PARTS), key=lambda part: part.stat().st_mtime)
        # The first part of each worker ends at about the same time.
        seconds = parts[-1].stat().st_mtime - parts[workers - 1].stat().st_mtime
        later = [pq.read_metadata(part) for part in parts[workers:]]
    return sum(int(metadata.num_rows) for metadata in later) / seconds


def measure_memory(photos: Path, folder: Path) -> dict[str, float]:
    """Memory of a worker and of the process that decodes for it in MiB, and bytes a photo.

    Peak memory includes mapped files, such as libraries, which all workers share; of these, the
    proportional memory counts this process's share, and its own memory none.
    """
    archive = Archive(sources=(str(photos),), folder=folder, job=job())
    seen: dict[str, dict[str, float]] = {}

    def look(_: object = None) -> None:
        for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for pid in child.read_text().split():
                seen["worker"] = _memory(pid)
                for grandchild in Path(f"/proc/{pid}/task").glob("*/children"):
                    for other in grandchild.read_text().split():
                        seen["decoder"] = _memory(other)

    run_archive(archive, on_totals=look)
    found = {f"{name}_{kind}": mib for name, kinds in seen.items() for kind, mib in kinds.items()}
    size = sum(path.stat().st_size for path in folder.glob("part-*"))
    return found | {"bytes_per_photo": size / len(list(photos.iterdir()))}


def job() -> Job:
    """All attributes."""
    return Job(settings=AnalysisSettings(attributes=frozenset(ATTRIBUTES), max_faces=MAX_FACES))


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Let this process, and those that it starts, use so many cores (Linux)."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _memory(pid: str) -> dict[str, float]:
    text = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    proportional = Path(f"/proc/{pid}/smaps_rollup").read_text().partition("Pss:")[2]
    return {
        "peak_mib": int(fields["VmHWM"].split()[0]) / 1024,
        "proportional_mib": int(proportional.split()[0]) / 1024,
        "own_mib": int(fields["RssAnon"].split()[0]) / 1024,
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as text."""
    lines = [format_environment(results["header"]), ""]
    for row in results.get("rate", ()):
        lines.append(
            f"one core, VGA, one face, all attributes, photos/s: single process "
            f"{row['single']:.1f}, worker {row['worker']:.1f}, ratio {row['ratio']:.2f}"
        )
    if "batch" in results:
        batch = results["batch"]
        lines.append(
            f"detector network, ms a photo on one core: alone {batch['one_ms']:.1f}, "
            f"{BATCH} at once {batch['batch_ms']:.1f}"
        )
    for row in results.get("engines", ()):
        lines.append(
            f"photos/s: one worker {row['one']:.1f}, two {row['two']:.1f} "
            f"({row['two_over_one']:.2f} times), Ray {row['ray']:.1f} "
            f"({row['ray_over_two']:.2f} of local)"
        )
    if "memory" in results:
        memory = results["memory"]
        lines.append("memory: " + ", ".join(f"{k} {v:.0f}" for k, v in memory.items()))
    if "kill" in results:
        kill = results["kill"]
        lines.append(
            f"{kill['kills']} kills, {kill['alive']} while a run was alive, over "
            f"{kill['rounds']} rounds: {kill['missing']} rows missing, {kill['doubled']} doubled"
        )
    if "plan" in results:
        plan = results["plan"]
        lines.append(
            f"{plan['rows']:,} photos: plan {plan['plan_s']:.1f} s, resume with half of them done "
            f"{plan['resume_s']:.1f} s, driver {plan['driver_mib']:.0f} MiB"
        )
    if "questions" in results:
        asked = results["questions"]
        lines.append(
            f"{asked['rows']:,} photos of one face: overview {asked['overview_s']:.1f} s, "
            f"histograms {asked['histograms_s']:.1f} s, a page of faces {asked['faces_s']:.1f} s"
        )
    return "\n".join(lines)
