"""Which ground-truth boxes count in the detection benchmark, and in which groups.

The size of a face is its height in the resized image, whose longer side is at most `MAX_SIDE_PX`.
With "faces of at least 20 pixels" defined this way, the benchmark reproduces the published results
of other detectors on these files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection_store import ResizedScene
from realtime.core.faces import F32, Faces
from training.detector.scenes import MIN_FACE_HEIGHT_PX, Scene
from training.detector.score import FALSE_POSITIVE, Picture, match

SIZES_PX = {"20-40 px": (20.0, 40.0), "40-80 px": (40.0, 80.0), "over 80 px": (80.0, np.inf)}
# The attributes of WIDER FACE with their values, named as in its annotation.
ATTRIBUTES = {
    "blur": ("clear", "normal", "heavy"),
    "expression": ("typical", "exaggerated"),
    "illumination": ("normal", "extreme"),
    "occlusion": ("none", "partial", "heavy"),
    "pose": ("typical", "atypical"),
}
Group = Callable[[Scene], NDArray[np.bool_]]


def all_faces(scene: Scene) -> NDArray[np.bool_]:
    """Select every face of the scene."""
    return np.ones(len(scene.xyxy), np.bool_)


def with_attribute(name: str, value: int) -> Group:
    """Select the faces with this value of a WIDER FACE attribute."""
    return lambda scene: np.asarray(scene.attributes[name] == value, np.bool_)


def with_mask_label(label: int) -> Group:
    """Select the faces with this mask label, an index in `realtime.core.faces.MASK.labels`."""
    return lambda scene: np.asarray(scene.mask == label, np.bool_)


def heights_px(xyxy: F32) -> F32:
    """Return the heights (n,) of boxes (n, 4)."""
    return np.asarray(xyxy[:, 3] - xyxy[:, 1], np.float32)


def pair_with_truth(
    scenes: Sequence[ResizedScene],
    detections: Sequence[Faces],
    *,
    group: Group = all_faces,
    sizes_px: tuple[float, float] = (MIN_FACE_HEIGHT_PX, np.inf),
    ignore_other_sizes: bool = False,
) -> list[Picture]:
    """Pair detections with the ground truth; faces outside the group or the sizes are ignored.

    Args:
        scenes: The scenes.
        detections: The detections on each scene.
        group: Selects the faces that count.
        sizes_px: Minimum height (inclusive) and maximum height (exclusive) of faces that count.
        ignore_other_sizes: Whether false positives of other heights are ignored too: for sets
            without boxes on small faces, and for results by size.
    """
    pairs = []
    low, high = sizes_px
    for resized, faces in zip(scenes, detections, strict=True):
        scene = resized.scene
        truth = (scene.xyxy * np.float32(resized.scale)).astype(np.float32)
        height = heights_px(truth)
        counts = group(scene) & ~scene.invalid & (height >= low) & (height < high)
        pair = Picture(faces.xyxy, faces.score, truth, ~counts)
        if ignore_other_sizes:
            detected = heights_px(faces.xyxy)
            kept = (match(pair) != FALSE_POSITIVE) | ((detected >= low) & (detected < high))
            pair = Picture(faces.xyxy[kept], faces.score[kept], truth, ~counts)
        pairs.append(pair)
    return pairs
