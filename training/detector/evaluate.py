"""Evaluation of a detector on held-out scenes, at several input sizes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from realtime.attribute.registry import MASK
from realtime.detect import Detector
from realtime.detect.facestream import FaceStreamDetector
from training.detector import scenes
from training.detector.examples import held_out_scenes
from training.detector.scenes import MIN_FACE_HEIGHT_PX, Scene, downscale
from training.detector.score import Picture, curve
from training.report import table

SIZES_PX = (320, 448, 640)
CARD_KEYS = ("wider_val_ap", "wider_val_best_f1")
RULE = (
    "A: faces of 20 px and more in pictures of at most 640 px; false boxes of any size count; "
    "figures at the application's thresholds are in benchmarks/results/detection.json"
)
MIN_SCORE = 0.02  # of the detections that enter the curves


@dataclass(frozen=True, slots=True, eq=False)
class DetectorEvaluation:
    """The metrics for the card, and the same as printable lines."""

    metrics: dict[str, Any]
    lines: list[str]


def evaluate_network(path: Path, data: Path, *, limit: int | None = None) -> DetectorEvaluation:
    """Average precision, best threshold, recall on masked faces and false alarms of a network.

    The threshold is the score with the highest F1 on the held-out pictures of the training sets.

    Args:
        path: the LiteRT file.
        data: the folder of zipped sets.
        limit: maximum number of pictures per set.
    """
    rows: list[dict[str, Any]] = []
    held_out = held_out_scenes(data, limit=limit)
    for size in SIZES_PX:
        detector = FaceStreamDetector((size,), path=path)
        tuned = curve(
            [
                picture
                for name, listed in held_out.items()
                for picture in detections(detector, data, name, listed)
            ]
        ).best()
        min_score = round(tuned.min_score, 2)
        listed = scenes.wider(data, "wider_val")
        wider = curve(detections(detector, data, "wider_val", listed, limit))
        masked = masked_only(scenes.mask_scenes(data, "val"))[:limit]
        recall = curve(detections(detector, data, "mask_scenes", masked)).at(min_score).recall
        listed = scenes.without_faces(data)
        empty = curve(detections(detector, data, "scenes_without_faces", listed, limit))
        false_alarms = empty.at(min_score).false_positives_per_picture
        rows.append(
            {
                "longest_px": size,
                "wider_val_ap": round(wider.average_precision(), 4),
                "wider_val_best_f1": round(wider.best().f1, 4),
                "min_score": min_score,
                "wider_val_f1": round(wider.at(min_score).f1, 4),
                "masked_recall": round(recall, 4),
                "false_alarms_per_empty_picture": round(false_alarms, 4),
            }
        )
    # What depends on a threshold stays out of the card: `benchmarks thresholds` chooses those of
    # the application, and `benchmarks accuracy` measures with them.
    metrics = {f"at_{row['longest_px']}_px": {key: row[key] for key in CARD_KEYS} for row in rows}
    return DetectorEvaluation(metrics, [table(rows)])


def detections(
    detector: Detector, data: Path, name: str, listed: list[Scene], limit: int | None = None
) -> list[Picture]:
    """Run the detector on the downscaled scenes of a set; detections and truth per picture."""
    result = []
    for scene, stored in scenes.pictures(data, name, listed[:limit]):
        picture, scale = downscale(stored)
        faces = detector.detect(picture, min_score=MIN_SCORE)
        truth = (scene.xyxy * scale).astype(np.float32)
        ignored = scene.invalid | (truth[:, 3] - truth[:, 1] < MIN_FACE_HEIGHT_PX)
        result.append(Picture(faces.xyxy, faces.score, truth, ignored))
    return result


def masked_only(listed: list[Scene]) -> list[Scene]:
    """The scenes with all faces but the masked ones marked invalid, so that they are ignored."""
    worn = MASK.labels.index("with_mask")
    return [
        Scene(s.path, s.xyxy, s.invalid | (s.mask != worn), s.mask, s.attributes) for s in listed
    ]
