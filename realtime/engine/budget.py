"""How much CPU the analyses of all streams may take: what the pictures leave."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

UTILIZATION = 0.9  # of all cores; the rest keeps the event loop on time
MIN_SHARE = 0.25  # of all cores, however much the pictures take
LATE_S = 0.05  # from a frame's arrival to its picture: one and a half frames at 30 fps
MAX_LATE = 0.1  # share of the pictures; above it the machine has less than its cores promise
LESS, MORE, MIN_SCALE = 0.8, 1.1, 0.2
LASTING_S = 5.0  # pictures that are late for less time say nothing of how many viewers there may be


class CpuBudget:
    """A budget in cores, from what was measured; time and measurements are arguments.

    Everything the process does beside analyses comes first: decoding, drawing, encoding, pages. If
    pictures are late all the same, because other programs take the CPU for instance, the budget
    shrinks until they are not.

    Args:
        cores: cores that the process may use.

    Attributes:
        cores: what all analyses together may take.
        others: what everything else takes, a running average.
    """

    def __init__(self, cores: float) -> None:
        self._usable = cores
        self.others = 0.0
        self._scale = 1.0
        self._late = self._pictures = 0
        self._late_for_s = 0.0
        self._past: deque[tuple[float, float]] = deque()  # elapsed time, `others` per stream
        self.cores = UTILIZATION * cores

    def picture_ready(self, delay_s: float) -> None:
        """Record how long after its frame's arrival a picture was ready."""
        self._pictures += 1
        self._late += delay_s > LATE_S

    def update(self, elapsed_s: float, process_s: float, analyses_s: float, streams: int) -> None:
        """Measure again.

        Args:
            elapsed_s: time since the last call.
            process_s: CPU time of the process since then.
            analyses_s: CPU time of the analyses since then.
            streams: number of streams.
        """
        others = max(0.0, process_s - analyses_s) / elapsed_s
        self.others += 0.3 * (others - self.others)
        late = self._late > MAX_LATE * self._pictures
        self._scale = min(1.0, max(MIN_SCALE, self._scale * (LESS if late else MORE)))
        self._late = self._pictures = 0
        self._late_for_s = self._late_for_s + elapsed_s if late else 0.0
        left = max(MIN_SHARE * self._usable, UTILIZATION * self._usable - self.others)
        self.cores = left * self._scale
        self._past.append((elapsed_s, self.others / max(1, streams)))
        while sum(elapsed for elapsed, _ in self._past) - self._past[0][0] >= LASTING_S:
            self._past.popleft()

    def cores_for(self, streams: int) -> float:
        """What the analyses of so many streams could take: new viewers are admitted by it.

        Only what has lasted for `LASTING_S` counts: late pictures, and the least that everything
        else took per stream, for a page that loads is soon done.
        """
        others = streams * min((others for _, others in self._past), default=0.0)
        scale = self._scale if self._late_for_s >= LASTING_S else 1.0
        return (UTILIZATION * self._usable - others) * scale


def usable_cores() -> float:
    """The cores this process may use: by affinity and, in a container, by its CPU quota."""
    affine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(float(affine or 1), _quota())


def _quota(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> float:
    """Cores that Linux's control group allows."""
    try:
        quota, period = file.read_text(encoding="ascii").split()
        return float(quota) / float(period) if quota != "max" else float("inf")
    except (OSError, ValueError):
        return float("inf")
