"""Crops without a face, to teach presence: some look like one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.geometry import overlap_of_smaller
from realtime.detect import Detector, create_detector
from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from training.crops import Arrays, cached
from training.detector import scenes
from training.folders import thinned
from training.mesh import framing
from training.mesh.examples import SIDE, cache_key, cut
from training.mesh.sources import DETECTOR
from training.progress import over

PARTS_BELOW = 0.3  # the teacher's presence, below which a part of a face counts as none
BACKGROUNDS = {"scenes_without_faces": 12, "wider_train": 3}  # squares a picture
MAX_SCENES = 619
PARTS = "background"
MISTAKEN_BY = (DETECTOR, "blazeface-short", "haar", "hog")  # detectors whose errors are learned


def read_backgrounds(data: Path, *, seed: int, limit: int | None = None) -> NDArray[np.uint8]:
    """Crops (n, SIDE, SIDE, 3) without a face, or with a part in which the teacher sees none.

    They are random squares, what detectors take for faces where there are none, and squares beside
    faces or inside of them: ears, hands, shoulders, cheeks.
    """

    def build() -> Arrays:
        rng, teacher = np.random.default_rng(seed), MediaPipeMesh()
        crops = [np.zeros((0, SIDE, SIDE, 3), np.uint8)]
        for name, count in BACKGROUNDS.items():
            listed = (
                scenes.wider(data, name) if name == "wider_train" else scenes.without_faces(data)
            )
            listed = listed[thinned(len(listed), min(limit or MAX_SCENES, MAX_SCENES))]
            found = scenes.pictures(data, name, listed)
            for scene, picture in over(found, len(listed), f"backgrounds of {name}"):
                crops.append(cut(picture, _squares(picture, scene.xyxy, count, rng)))
                crops.append(cut(picture, _mistaken(teacher, picture, scene.xyxy)))
                crops.append(_parts(teacher, picture, scene, rng))
        return {"crops": np.concatenate(crops)}

    return cached(
        f"mesh-{PARTS}", cache_key(data, "wider_train", PARTS, limit, seed, MISTAKEN_BY), build
    )["crops"]


def _squares(picture: Frame, faces: F32, count: int, rng: np.random.Generator) -> F32:
    """Random regions that touch no face."""
    height, width = picture.shape[:2]
    side = np.exp(rng.uniform(np.log(24), np.log(min(height, width)), count))
    x, y = rng.uniform(0, width, count), rng.uniform(0, height, count)
    boxes: F32 = np.column_stack([x - side / 2, y - side / 2, x + side / 2, y + side / 2]).astype(
        np.float32
    )
    large = faces[(faces[:, 2:] - faces[:, :2]).min(axis=1, initial=1e9) > 8]
    free = overlap_of_smaller(boxes, large).max(axis=1, initial=0) < 0.1
    turn = rng.normal(0, 0.3, count)
    return np.asarray(np.column_stack([x, y, side, turn])[free], np.float32)


def _mistaken(teacher: MediaPipeMesh, picture: Frame, faces: F32) -> F32:
    """Regions of what detectors take for a face, where neither label nor teacher says so."""
    regions = [np.zeros((0, 4), np.float32)]
    for detector in _detectors():
        found = detector.detect(picture, min_score=0.1)
        free = overlap_of_smaller(found.xyxy, faces).max(axis=1, initial=0) < 0.1
        found = found[free]
        regions.append(regions_from_boxes(found.xyxy, found.keypoints))
    candidates = np.concatenate(regions)
    first, presence = teacher(picture, candidates)
    _, again = teacher(picture, regions_from_landmarks(first))
    return candidates[np.maximum(presence, again) < PARTS_BELOW]


def _parts(
    teacher: MediaPipeMesh, picture: Frame, scene: scenes.Scene, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Squares beside faces and inside of them, in which the teacher sees no face."""
    ideal = regions_from_boxes(scene.xyxy[~scene.invalid & (scene.side_px > 24)])
    ideal = ideal[:6]
    n = len(ideal)
    towards = rng.uniform(0, 2 * np.pi, n)
    inside = rng.random(n) < 0.4
    far = np.where(inside, rng.uniform(0, 0.25, n), rng.uniform(0.4, 1.0, n))
    scale = np.where(inside, rng.uniform(-1.6, -0.9, n), rng.normal(0, 0.3, n))
    errors = [np.cos(towards) * far, np.sin(towards) * far, scale, rng.normal(0, 0.2, n)]
    regions = framing.displaced(ideal, np.column_stack(errors).astype(np.float32))
    # A square beside one face may show another: no part then.
    _, presence = teacher(picture, regions)
    return cut(picture, regions[presence < PARTS_BELOW])


@cache
def _detectors() -> tuple[Detector, ...]:
    return tuple(create_detector(name) for name in MISTAKEN_BY)
