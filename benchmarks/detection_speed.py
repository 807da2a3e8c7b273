"""Milliseconds of one detector on pictures of 640 by 480, with one thread.

`python -m benchmarks.detection_speed NAME --data DIR` prints the figures as JSON. It is a process
of its own because the packages take their number of threads when they start.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import cv2
import numpy as np

from realtime.core.faces import Frame
from realtime.detect import create_detector, detector_entry
from training.detector import scenes

SIZE_WH = (640, 480)
PICTURES, WARM_UP, RUNS = 20, 10, 200
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def measure_apart(name: str, data: Path) -> dict[str, Any]:
    """The milliseconds p50, p95, p99 and n, measured in a process with one thread.

    Raises:
        RuntimeError: the process failed; the message is the last line it wrote.
    """
    command = [sys.executable, "-m", "benchmarks.detection_speed", name, "--data", str(data)]
    done = subprocess.run(
        command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        raise RuntimeError(f"the speed of {name} could not be measured: {last}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def frames(data: Path) -> list[Frame]:
    """Scenes of wider_val cut to 4:3 about their middle and brought to 640 by 480."""
    found = scenes.wider(data, "wider_val")
    chosen = found[:: max(1, len(found) // PICTURES)][:PICTURES]
    return [filled(picture) for _, picture in scenes.pictures(data, "wider_val", chosen)]


def filled(picture: Frame) -> Frame:
    """The picture's middle, as large as has the frame's proportions, in the frame's size."""
    height, width = picture.shape[:2]
    scale = max(SIZE_WH[0] / width, SIZE_WH[1] / height)
    wide, high = min(width, round(SIZE_WH[0] / scale)), min(height, round(SIZE_WH[1] / scale))
    left, top = (width - wide) // 2, (height - high) // 2
    middle = picture[top : top + high, left : left + wide]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(middle, SIZE_WH, interpolation=how), np.uint8)


def measure(name: str, pictures: list[Frame]) -> dict[str, Any]:
    """The milliseconds of this process's calls, at the detector's default least score."""
    cv2.setNumThreads(1)
    detector, least = create_detector(name, threads=1), detector_entry(name).min_score
    took_ms = []
    for i in range(WARM_UP + RUNS):
        start = perf_counter_ns()
        detector.detect(pictures[i % len(pictures)], min_score=least)
        took_ms.append((perf_counter_ns() - start) / 1e6)
    p50, p95, p99 = np.percentile(took_ms[WARM_UP:], [50, 95, 99])
    return {
        "p50": round(float(p50), 3),
        "p95": round(float(p95), 3),
        "p99": round(float(p99), 3),
        "n": RUNS,
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main() -> None:
    """Measure one detector and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection_speed")
    parser.add_argument("name")
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps(measure(args.name, frames(args.data))))


if __name__ == "__main__":
    main()
