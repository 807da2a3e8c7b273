"""Tracking on labelled clips: IDF1 and id switches, beside trackers by overlap alone.

Also how often the labels of expressive faces change.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environment import describe_environment, format_environment
from benchmarks.iou_tracker import IouTracker
from benchmarks.label_changes import CLIPS, label_changes
from benchmarks.tracking_scenes import SCENES, cut, play
from benchmarks.tracking_score import Boxes, score, without_ignored
from realtime.core.arrays import F32, Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.track.lost import REMEMBER_S
from realtime.video import VideoReader
from training.data import DEFAULT_DATA

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "track" / "people.json"
TRACKERS = ("ours", "iou", "iou_memory")
TITLES = {"ours": "FaceStream", "iou": "plain IoU", "iou_memory": f"IoU, {REMEMBER_S:g} s memory"}
# Time, picture, labels (None: this frame is not labelled) and boxes to ignore.
Labelled = Iterable[tuple[float, Frame, Boxes | None, F32]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks tracking`."""
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help="folder with the clips, in clips/"
    )
    parser.add_argument(
        "--clips", nargs="*", metavar="NAME",
        help="only these real clips; without a name only the synthetic ones (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--only-labels", action="store_true", help="only count how often labels change"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Score the pipeline and the trackers by overlap on every clip."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    names = list(labels) if args.clips is None else args.clips
    unknown = sorted(set(names) - set(labels))
    if unknown:
        raise ValueError(f"{unknown[0]} has no labels; choose from {', '.join(labels)}.")
    networks = Networks()
    clips = args.data / "clips"
    rows = []
    if not args.only_labels:
        rows += [_row(name, play(scene), networks) for name, scene in SCENES.items()]
        rows.append(_row("cut", cut(), networks))
        rows += [_row(name, _clip(clips / f"{name}.mp4", labels[name]), networks) for name in names]
    total = {
        f"{tracker}_switches": sum(r[tracker]["switches"] for r in rows) for tracker in TRACKERS
    }
    labels_of = CLIPS if args.only_labels or args.clips is None else ()
    changes = [label_changes(clips / f"{name}.mp4", networks) for name in labels_of]
    return {
        "benchmark": "tracking",
        "header": describe_environment(),
        "rows": rows,
        **total,
        "label_changes": [asdict(row) for row in changes],
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as a table, and the changes of labels below it."""
    lines = [format_environment(results["header"]), ""]
    if results["rows"]:
        lines += _table(results)
    for row in results["label_changes"]:
        lines.append(
            f"{row['clip']}: the emotion's label changes {row['changes']} times in "
            f"{row['seconds']} s, {row['per_10_s']} in 10 s; shortest {row['shortest_s']} s"
        )
    return "\n".join(lines)


def _table(results: dict[str, Any]) -> list[str]:
    lines = [
        f"{'':24}" + "".join(f"{TITLES[tracker]:>22}" for tracker in TRACKERS),
        f"{'clip':24}" + f"{'IDF1':>12}{'switches':>10}" * 3,
    ]
    for row in results["rows"]:
        cells = (f"{row[t]['idf1']:>12.3f}{row[t]['switches']:>10}" for t in TRACKERS)
        lines.append(f"{row['clip']:24}" + "".join(cells))
    totals = "".join(f"{results[f'{t}_switches']:>22}" for t in TRACKERS)
    return [*lines, f"{'switches in all':24}{totals}"]


def _row(name: str, frames: Labelled, networks: Networks) -> dict[str, Any]:
    settings = AnalysisSettings(attributes=frozenset())
    pipeline = Pipeline(networks, settings)
    detector = networks.detector(settings.detector)
    min_score = detector_entry(settings.detector).stream_min_score
    others = {"iou": IouTracker(), "iou_memory": IouTracker(REMEMBER_S)}
    truth: list[Boxes] = []
    tracked: dict[str, list[Boxes]] = {tracker: [] for tracker in TRACKERS}
    for time_s, frame_bgr, people, ignored in frames:
        faces = pipeline.process(frame_bgr, time_s).faces
        ids = [] if faces.track_id is None else faces.track_id.tolist()
        boxes = {"ours": Boxes(ids, faces.xyxy)}
        # Trackers by overlap need a detection in every frame.
        detected = detector.detect(frame_bgr, min_score=min_score)
        boxes |= {tracker: follow(detected.xyxy, time_s) for tracker, follow in others.items()}
        if people is not None:
            truth.append(people)
            for tracker, own in boxes.items():
                tracked[tracker].append(without_ignored(own, people, ignored))
    scores = {tracker: score(truth, own) for tracker, own in tracked.items()}
    return {"clip": name, "frames": len(truth)} | {
        tracker: {
            "idf1": round(s.idf1, 4), "switches": s.switches, "found": round(s.found, 4),
        }
        for tracker, s in scores.items()
    }  # fmt: skip


def _clip(path: Path, labels: dict[str, Any]) -> Labelled:
    """A clip with its labels: rows of frame, left, top, right, bottom for each person."""
    people: dict[int, Boxes] = {}
    rows = [(int(k), *row) for k, rows in labels["people"].items() for row in rows]
    ignored = np.array(labels["ignored"], np.float32).reshape(-1, 5)
    for frame in {row[1] for row in rows}:
        own = [row for row in rows if row[1] == frame]
        people[frame] = Boxes([row[0] for row in own], np.array([r[2:] for r in own], np.float32))
    with VideoReader(path) as reader:
        for k, frame in enumerate(reader):
            labelled = people.get(k, Boxes()) if k % labels["every"] == 0 else None
            yield frame.time_s, frame.frame_bgr, labelled, ignored[ignored[:, 0] == k, 1:]
