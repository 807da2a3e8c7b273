"""Whether a server grows: what it holds each time that all visitors have gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WARM_UP = 2  # cycles at the start in which caches fill and modules load
MAX_MIB_PER_VIEWER = 0.5
MAX_MORE_THREADS = 2  # thread pools fill slowly
MAX_MORE_FILES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Holdings:
    """What a server and its child processes hold at one moment.

    Attributes:
        minute: Minutes since the start.
        phase: What the visitors do.
        viewers: Number of visits so far.
        rss_mib: Resident memory of the server.
        children_mib: Proportional memory of its child processes.
        threads: Number of its threads.
        files: Number of its open files and sockets.
        sessions: Number of Streamlit sessions.
        streams: Number of live streams.
        temporary: Number of files in its folder for temporary files.
        objects: Objects of visits that still exist, by class.
    """

    minute: float
    phase: str
    viewers: int
    rss_mib: float
    children_mib: float
    threads: int
    files: int
    sessions: int
    streams: int
    temporary: int
    objects: dict[str, int]


def mib_per_viewer(empty: Sequence[Holdings]) -> float | None:
    """Growth of memory per visit after the warm-up; None if there are too few cycles.

    The medians of the first and of the last third are compared: a single value may be taken just
    before memory is returned.

    Args:
        empty: Holdings at the end of each cycle, when all visitors have gone.
    """
    later = empty[WARM_UP:]
    third = len(later) // 3
    if not third:
        return None
    first, last = later[:third], later[-third:]
    memory = [median(row.rss_mib + row.children_mib for row in rows) for rows in (first, last)]
    viewers = [median(row.viewers for row in rows) for rows in (first, last)]
    return (memory[1] - memory[0]) / (viewers[1] - viewers[0])


def problems(empty: Sequence[Holdings]) -> list[str]:
    """Sentences about what is kept or grows; empty if all is well.

    Args:
        empty: Holdings at the end of each cycle, when all visitors have gone.
    """
    found = []
    for row in empty:
        kept = {"sessions": row.sessions, "streams": row.streams, "temporary files": row.temporary}
        kept |= row.objects
        found += [
            f"After {row.viewers} viewers, {count} {name} are kept."
            for name, count in kept.items()
            if count
        ]
    later = empty[WARM_UP:]
    for name, limit in (("threads", MAX_MORE_THREADS), ("files", MAX_MORE_FILES)):
        counts = [int(getattr(row, name)) for row in later]
        if counts and counts[-1] > counts[0] + limit:
            found.append(f"The number of {name} grew from {counts[0]} to {counts[-1]}.")
    growth = mib_per_viewer(empty)
    if growth is not None and growth > MAX_MIB_PER_VIEWER:
        found.append(
            f"Memory grew by {growth:.2f} MiB per viewer; the limit is {MAX_MIB_PER_VIEWER} MiB."
        )
    return found
