"""Rows of `python -m benchmarks capacity`: so many live streams in one process."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.process_load import cpu_s, memory_mib
from benchmarks.stub_viewers import StubCamera, Viewer, camera_clip
from realtime.live.analysis_thread import THREAD_NAME
from realtime.live.frame_processor import StreamSettings
from realtime.live.live_track import LiveTrack
from realtime.live.process import prepare_process
from realtime.live.shared_engine import shared_workers

Row = dict[str, Any]
SIZE_WH = (640, 480)
WARM_UP_S = 8.0  # after the last stream has loaded: the load is measured and steps take effect
LOAD_TIMEOUT_S = 120.0
SAMPLE_S = 10.0  # between two readings of the memory
# A stream is carried at these rates.
CARRIED_FPS, CARRIED_HZ = 29.0, 10.0


def measure(mode: str, streams: int, faces: int, seconds: float) -> Row:
    """Run so many streams at once in this process.

    Args:
        mode: `"video"` if the server draws, `"overlay"` if the browser does.
        streams: how many.
        faces: in front of each camera.
        seconds: how long, after a warm-up.

    Returns:
        A row of the results.

    Raises:
        RuntimeError: the streams did not start.
    """
    logging.disable(logging.WARNING)  # Streamlit warns that there is no page
    prepare_process()
    try:
        return asyncio.run(_measure(mode, streams, faces, seconds))
    finally:
        shared_workers().close()


async def _measure(mode: str, streams: int, faces: int, seconds: float) -> Row:
    clip = camera_clip(faces, SIZE_WH)
    settings = StreamSettings(overlay=mode == "overlay")
    viewers = [Viewer(LiveTrack(settings)) for _ in range(streams)]
    tasks = [v.start(StubCamera(clip, i / streams)) for i, v in enumerate(viewers)]
    try:
        async with asyncio.timeout(LOAD_TIMEOUT_S):
            while not all(viewer.ages_ms for viewer in viewers):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise RuntimeError(f"{streams} streams did not start in {LOAD_TIMEOUT_S:.0f} s.") from None
    await asyncio.sleep(WARM_UP_S)
    for viewer in viewers:
        viewer.reset()
    start_s, start_cpu_s, memory = time.monotonic(), cpu_s(), [memory_mib()]
    while (left_s := start_s + seconds - time.monotonic()) > 0:
        await asyncio.sleep(min(left_s, SAMPLE_S))
        memory.append(await asyncio.to_thread(memory_mib))
    wall_s, used_s = time.monotonic() - start_s, cpu_s() - start_cpu_s
    row = _row(mode, viewers, wall_s) | {
        "cores": round(used_s / wall_s, 2),
        "rss_mib": round(memory[-1], 1),
        "growth_mib": round(growth_mib(memory), 1),
    }
    for viewer in viewers:
        viewer.track.stop()
    await asyncio.gather(*tasks)
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(LOAD_TIMEOUT_S)
    return row


def _row(mode: str, viewers: list[Viewer], wall_s: float) -> Row:
    analyses = [viewer.analyses() for viewer in viewers]
    p50, p95 = np.percentile(np.concatenate([viewer.ages_ms for viewer in viewers]), (50, 95))
    return {
        "mode": mode,
        "streams": len(viewers),
        "shown_fps_min": round(min(viewer.shown for viewer in viewers) / wall_s, 2),
        "shown_fps_mean": round(sum(v.shown for v in viewers) / wall_s / len(viewers), 2),
        "analyses_hz_min": round(min(n for n, _ in analyses) / wall_s, 2),
        "analyses_hz_sum": round(sum(n for n, _ in analyses) / wall_s, 2),
        "age_ms": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)},
        "faces_median": int(np.median([faces for _, faces in analyses])),
    }


def joined(shares: Sequence[Row]) -> Row:
    """The row of streams that several processes served at the same time.

    Args:
        shares: the rows of the processes; the median age of all is taken as the worst of theirs.
    """
    if len(shares) == 1:
        return shares[0]
    streams = sum(share["streams"] for share in shares)
    sums = ("analyses_hz_sum", "cores", "rss_mib", "growth_mib")
    return {
        "mode": shares[0]["mode"],
        "streams": streams,
        **{key: min(s[key] for s in shares) for key in ("shown_fps_min", "analyses_hz_min")},
        "shown_fps_mean": round(
            sum(s["shown_fps_mean"] * s["streams"] for s in shares) / streams, 2
        ),
        "age_ms": {key: max(s["age_ms"][key] for s in shares) for key in ("p50", "p95")},
        "faces_median": min(s["faces_median"] for s in shares),
        **{key: round(sum(s[key] for s in shares), 2) for key in sums},
    }


def growth_mib(memory: Sequence[float]) -> float:
    """How much more the last third of the readings is than the first, in the median."""
    third = max(1, len(memory) // 3)
    return float(np.median(memory[-third:]) - np.median(memory[:third]))


def summary(rows: Sequence[Row]) -> Row:
    """What the rows of one mode say.

    Returns:
        carried: the largest number of streams with `CARRIED_FPS` and `CARRIED_HZ` each.
        further_viewer_mib: memory of a further viewer, from the rows with fewest and most streams;
            None with one row.
        total_at_twice: total analyses per second at the smallest measured number of at least twice
            the carried streams, against the best of all rows; None if there is none.
    """
    fit = (
        r for r in rows if r["shown_fps_min"] >= CARRIED_FPS and r["analyses_hz_min"] >= CARRIED_HZ
    )
    carried = max((row["streams"] for row in fit), default=0)
    twice = [row for row in rows if carried and row["streams"] >= 2 * carried]
    best = max(row["analyses_hz_sum"] for row in rows)
    ratio = None
    if twice:
        ratio = min(twice, key=lambda row: int(row["streams"]))["analyses_hz_sum"] / best
    return {
        "carried": carried,
        "further_viewer_mib": memory_per_viewer(rows),
        "total_at_twice": None if ratio is None else round(ratio, 3),
    }


def memory_per_viewer(rows: Sequence[Row]) -> float | None:
    """MiB that a further viewer takes, from the rows with fewest and most; None with one row."""
    few, many = (choose(rows, key=lambda row: int(row["streams"])) for choose in (min, max))
    if few["streams"] == many["streams"]:
        return None
    added_mib: float = many["rss_mib"] - few["rss_mib"]
    added: int = many["streams"] - few["streams"]
    return round(added_mib / added, 1)
