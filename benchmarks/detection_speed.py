"""Time per 640x480 frame of one detector on one thread.

`python -m benchmarks.detection_speed NAME --data DIR` prints the results as JSON. It runs in its
own process because the packages read their number of threads when they are imported.
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

from benchmarks import meshed_detector
from realtime.core.faces import Frame
from training.detector import scenes

SIZE_WH = (640, 480)
IMAGES, WARM_UP, RUNS = 20, 10, 200
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def measure_in_subprocess(name: str, data: Path) -> dict[str, Any]:
    """Run `measure` in a new process with one thread.

    Raises:
        RuntimeError: The process failed; the message is the last line of its error output.
    """
    command = [sys.executable, "-m", "benchmarks.detection_speed", name, "--data", str(data)]
    process = subprocess.run(
        command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False
    )
    if process.returncode:
        reason = (process.stderr.strip() or "no error output").splitlines()[-1]
        raise RuntimeError(f"the speed of {name} could not be measured: {reason}")
    results: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return results


def sample_frames(data: Path) -> list[Frame]:
    """Load scenes of wider_val, cropped to 4:3 and resized to 640x480."""
    all_scenes = scenes.wider(data, "wider_val")
    chosen = all_scenes[:: max(1, len(all_scenes) // IMAGES)][:IMAGES]
    return [center_crop(image) for _, image in scenes.pictures(data, "wider_val", chosen)]


def center_crop(image: Frame) -> Frame:
    """Crop the largest centred 4:3 area and resize it to 640x480."""
    height, width = image.shape[:2]
    scale = max(SIZE_WH[0] / width, SIZE_WH[1] / height)
    crop_w, crop_h = min(width, round(SIZE_WH[0] / scale)), min(height, round(SIZE_WH[1] / scale))
    left, top = (width - crop_w) // 2, (height - crop_h) // 2
    crop = image[top : top + crop_h, left : left + crop_w]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, SIZE_WH, interpolation=interpolation), np.uint8)


def measure(name: str, images: list[Frame]) -> dict[str, Any]:
    """Measure the detector in this process at its default score threshold, in milliseconds."""
    cv2.setNumThreads(1)
    detector = meshed_detector.create(name, threads=1)
    min_score = meshed_detector.default_score(name)
    times_ms = []
    for i in range(WARM_UP + RUNS):
        start = perf_counter_ns()
        detector.detect(images[i % len(images)], min_score=min_score)
        times_ms.append((perf_counter_ns() - start) / 1e6)
    p50, p95, p99 = np.percentile(times_ms[WARM_UP:], [50, 95, 99])
    return {
        "p50": round(float(p50), 3),
        "p95": round(float(p95), 3),
        "p99": round(float(p99), 3),
        "n": RUNS,
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main() -> None:
    """Measure one detector and print the results as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection_speed", description="Time per frame of one detector."
    )
    parser.add_argument("name", help="the detector")
    parser.add_argument("--data", type=Path, required=True, help="folder of zipped data sets")
    args = parser.parse_args()
    print(json.dumps(measure(args.name, sample_frames(args.data))))


if __name__ == "__main__":
    main()
