"""What a detector is worth on scenes that it never saw, at several sizes of picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import MASK_LABELS
from realtime.detect import Detector
from realtime.detect.facestream import FaceStreamDetector
from training.detector import scenes
from training.detector.examples import held_paths
from training.detector.scenes import LEAST_PX, Scene, shrunk
from training.detector.score import Picture, curve
from training.report import table

SIZES_PX = (320, 416, 512, 640)
LOW_SCORE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The figures for the card, and as lines for people."""

    metrics: dict[str, Any]
    lines: list[str]


def judge(path: Path, data: Path, *, limit: int | None = None) -> Judgement:
    """Judge a network: average precision, the best least score, recall and false alarms.

    Least scores are those of the highest F1 on the held-out pictures of the training sets.
    """
    rows: list[dict[str, Any]] = []
    held = held_paths(data, limit=limit)
    for size in SIZES_PX:
        detector = FaceStreamDetector((size,), path=path)
        tuned = curve(
            [
                picture
                for name, found in held.items()
                for picture in answers(detector, data, name, found)
            ]
        ).best()
        least = round(tuned.min_score, 2)
        wider = curve(answers(detector, data, "wider_val", scenes.wider(data, "wider_val"), limit))
        masked = masked_only(scenes.mask_scenes(data, "val"))[:limit]
        covered = curve(answers(detector, data, "mask_scenes", masked)).at(least)
        empty = scenes.without_faces(data)
        alarms = curve(answers(detector, data, "scenes_without_faces", empty, limit)).at(least)
        rows.append(
            {
                "longest_px": size,
                "wider_val_ap": round(wider.average_precision(), 4),
                "wider_val_best_f1": round(wider.best().f1, 4),
                "min_score": least,
                "wider_val_f1": round(wider.at(least).f1, 4),
                "masked_recall": round(covered.recall, 4),
                "false_alarms_per_empty_picture": round(alarms.mistakes_per_picture, 4),
            }
        )
    metrics = {f"at_{row['longest_px']}_px": dict(list(row.items())[1:]) for row in rows}
    return Judgement(metrics, [table(rows)])


def answers(
    detector: Detector, data: Path, name: str, found: list[Scene], limit: int | None = None
) -> list[Picture]:
    """What the detector answers on the scenes of a set, with what is true, as shrunk pictures."""
    result = []
    for scene, stored in scenes.pictures(data, name, found[:limit]):
        picture, scale = shrunk(stored)
        faces = detector.detect(picture, min_score=LOW_SCORE)
        truth = (scene.xyxy * scale).astype(np.float32)
        ignored = scene.invalid | (truth[:, 3] - truth[:, 1] < LEAST_PX)
        result.append(Picture(faces.xyxy, faces.score, truth, ignored))
    return result


def masked_only(found: list[Scene]) -> list[Scene]:
    """The scenes with all but masked faces set aside: neither missed nor wrong to be found."""
    worn = MASK_LABELS.index("with_mask")
    return [
        Scene(s.path, s.xyxy, s.invalid | (s.mask != worn), s.mask, s.attributes) for s in found
    ]
