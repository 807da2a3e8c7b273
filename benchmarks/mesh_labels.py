"""Emotion and mask labels on faces that each mesh aligns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import models
from realtime.attribute.registry import EMOTION, MASK
from realtime.core.faces import F32, Frame
from realtime.inference.litert import LiteRTModel
from realtime.landmark.align import crop_matrices, cut_crops
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.landmark.registry import create_follower
from training.crops import to_gray, whole_box
from training.detector import scenes
from training.emotion.fer_sources import open_rows
from training.evaluate import predict
from training.folders import thinned
from training.progress import over

MIN_BOX_PX = 24.0
# A picture, the first regions (n, 4) of its faces, and their labels (n,).
Labelled = tuple[Frame, F32, Sequence[int]]


def measure(
    data: Path, names: Sequence[str], *, limit: int | None = None
) -> dict[str, dict[str, float]]:
    """Accuracy of the shipped emotion and mask networks with each mesh's alignment, by name."""
    sets = {
        EMOTION.name: list(_emotions(data, limit)),
        MASK.name: list(_masks(data, limit)),
    }
    return {
        name: {
            f"accuracy of {attribute}": _accuracy(attribute, name, faces)
            for attribute, faces in sets.items()
        }
        for name in names
    }


def _accuracy(attribute: str, name: str, faces: Sequence[Labelled]) -> float:
    model, mesh = models.load(attribute), create_follower(name)
    network, correct = LiteRTModel(model.path), list[bool]()
    for picture, regions, labels in over(faces, len(faces), f"{attribute}, {name}"):
        first, _ = mesh(picture, regions)
        second, _ = mesh(picture, regions_from_landmarks(first))
        matrices = crop_matrices(second.five(), model.side_px, zoom=model.zoom)
        crops = cut_crops(picture, matrices, model.side_px)
        crops = to_gray(crops) if model.channels == 1 else crops
        correct += (predict(network, crops).argmax(axis=1) == np.asarray(labels)).tolist()
    return float(np.mean(correct))


def _emotions(data: Path, limit: int | None) -> Iterator[Labelled]:
    """FER-2013's private test, by the majority of the FER+ votes."""
    with open_rows(data, "private_test") as rows:
        index = np.arange(len(rows.official))[thinned(len(rows.official), limit)]
        for i in index[rows.majority[index] >= 0]:
            picture = rows.picture(int(i))
            yield picture, regions_from_boxes(whole_box(picture)), [int(rows.majority[i])]


def _masks(data: Path, limit: int | None) -> Iterator[Labelled]:
    """The boxes of mask_scenes val."""
    listed = scenes.mask_scenes(data, "val")
    for scene, picture in scenes.pictures(data, "mask_scenes", listed[thinned(len(listed), limit)]):
        large = scene.side_px >= MIN_BOX_PX
        if large.any():
            yield picture, regions_from_boxes(scene.xyxy[large]), scene.mask[large].tolist()
