"""Meshes on clips: blinks, head pose and faces followed; and the time that each takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import models
from benchmarks.moving_faces import moving_frames, scene
from realtime.core.faces import Faces, Frame
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import create_detector
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.inference.mediapipe_files import FACE_MESH, network_path
from realtime.landmark.facestream_mesh import NAME
from realtime.landmark.region import regions_from_boxes
from realtime.landmark.registry import FOLLOWER, create_follower
from realtime.render.draw import draw_result
from realtime.video import VideoReader
from training.data import DataError

BLINKS = "expressions_man.mp4"  # 14 blinks, see tests/cli/test_measured_clips.py
STILLS = 4  # drawn of each clip
WARM_UP, RUNS = 30, 300
BATCHES, SIZE_WH, FRAME_INTERVAL_S = (1, 4), (640, 480), 1 / 30
DRAW = DrawSettings(boxes=False, labels=False, landmarks=True)


def measure(
    data: Path,
    names: Sequence[str],
    *,
    clips: Sequence[str] | None = None,
    drawn: Path | None = None,
) -> dict[str, dict[str, float]]:
    """Blinks on the labelled clip, and faces and head pose on all, against the first mesh's."""
    paths = sorted((data / "clips").glob("*.mp4"))
    paths = [p for p in paths if clips is None or p.stem in clips]
    if not paths:
        raise DataError(f"There are no such clips in {data / 'clips'}.")
    figures: dict[str, dict[str, float]] = {name: {} for name in names}
    angles: dict[str, list[float]] = {name: [] for name in names}
    shown = dict.fromkeys(names, 0)
    for clip in paths:
        runs = {name: _follow(clip, name) for name in names}
        reference = runs[names[0]]
        for name, frames in runs.items():
            shown[name] += sum(len(faces) for faces in frames)
            pairs = zip(frames, reference, strict=True)
            angles[name] += [d for ours, theirs in pairs for d in _pose_differences(ours, theirs)]
            if clip.name == BLINKS:
                counts = [int(f.blinks.max()) for f in frames if f.blinks is not None and len(f)]
                figures[name]["blinks of 14"] = max(counts, default=0)
        if drawn is not None:
            _draw(clip, list(runs.values()), drawn)
    for name in names:
        figures[name]["faces shown in the clips"] = shown[name]
        figures[name]["head pose, mean difference in degrees"] = float(np.mean(angles[name]))
    return figures


def measure_speed(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Median milliseconds a face, one thread, and of the whole pipeline with one face.

    All meshes are measured in turns, so that a busy moment slows none alone.
    """
    picture = scene(1, SIZE_WH)
    box = create_detector("facestream").detect(picture, min_score=0.4)[:1]
    region = regions_from_boxes(box.xyxy, box.keypoints)
    calls: dict[tuple[str, str], Callable[[], Any]] = {}
    for name in names:
        mesh = create_follower(name)
        for n in BATCHES:
            regions = np.repeat(region, n, axis=0)
            calls[name, f"ms a face, {n} at once"] = partial(mesh, picture, regions)
        calls[name, "ms a frame, whole pipeline, one face"] = _pipeline_call(name)
    times = _median_ms(calls)
    figures: dict[str, dict[str, float]] = {name: {} for name in names}
    for (name, title), ms in times.items():
        batch = next((n for n in BATCHES if title == f"ms a face, {n} at once"), 1)
        figures[name][title] = ms / batch
    for name in names:
        figures[name]["size in MB"] = _file(name).stat().st_size / 1e6
    return figures


def _file(name: str) -> Path:
    return models.load(NAME).path if name == FOLLOWER else network_path(FACE_MESH)


def _pipeline_call(name: str) -> Callable[[], Any]:
    """A call that analyses the next frame of one moving face."""
    settings = AnalysisSettings(landmarks=name)
    pipeline = Pipeline(Networks(), settings)
    frames, number = cycle(moving_frames(1, SIZE_WH)), count()
    return lambda: pipeline.process(next(frames), next(number) * FRAME_INTERVAL_S)


def _median_ms(calls: Mapping[tuple[str, str], Callable[[], Any]]) -> dict[tuple[str, str], float]:
    times_ms: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for run in range(WARM_UP + RUNS):
        for key, call in calls.items():
            start = time.perf_counter_ns()
            call()
            if run >= WARM_UP:
                times_ms[key].append((time.perf_counter_ns() - start) / 1e6)
    return {key: float(np.median(values)) for key, values in times_ms.items()}


def _follow(clip: Path, name: str) -> list[Faces]:
    settings = AnalysisSettings(attributes=frozenset(), measures=True, landmarks=name)
    pipeline, found = Pipeline(Networks(), settings), []
    with VideoReader(clip) as reader:
        for frame in reader:
            found.append(pipeline.process(frame.frame_bgr, frame.time_s).faces)
    return found


def _pose_differences(ours: Faces, theirs: Faces) -> list[float]:
    """Mean difference of yaw, pitch and roll of the faces that both show."""
    differences = []
    if ours.pose_deg is None or theirs.pose_deg is None:
        return []
    for box, pose in zip(ours.xyxy, ours.pose_deg, strict=True):
        if not len(theirs):
            continue
        shift = np.abs(theirs.xyxy - box).max(axis=1)
        nearest = int(shift.argmin())
        if shift[nearest] < 0.3 * (box[2] - box[0]):
            difference = np.abs(pose - theirs.pose_deg[nearest]).mean()
            differences += [float(difference)] if np.isfinite(difference) else []
    return differences


def _draw(clip: Path, runs: list[list[Faces]], folder: Path) -> None:
    """Write some frames of a clip, one row for each mesh."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = set(np.linspace(0, len(runs[0]) - 1, STILLS + 2).astype(int)[1:-1].tolist())
    rows: list[list[Frame]] = [[] for _ in runs]
    with VideoReader(clip) as reader:
        for i, frame in enumerate(reader):
            if i in chosen:
                for row, faces in zip(rows, runs, strict=True):
                    picture = frame.frame_bgr.copy()
                    draw_result(picture, faces[i], DRAW)
                    row.append(np.asarray(cv2.resize(picture, (480, 360)), np.uint8))
    cv2.imwrite(str(folder / f"{clip.stem}.png"), np.vstack([np.hstack(row) for row in rows]))
