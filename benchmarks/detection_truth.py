"""What counts as a face to be found: which boxes are judged, and in which groups.

Sizes are a face's height in the picture as detectors see it, `MAX_SIDE_PX` at most: with that
reading of "faces of 20 pixels or more", the figures published for these very files with other
detectors come out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection_answers import Seen
from realtime.core.faces import F32, Faces
from training.detector.scenes import MIN_FACE_HEIGHT_PX, Scene
from training.detector.score import FALSE_POSITIVE, Picture, match

SIZES_PX = {"20-40 px": (20.0, 40.0), "40-80 px": (40.0, 80.0), "over 80 px": (80.0, np.inf)}
# The values of WIDER's attributes, in the words of its annotation.
ATTRIBUTES = {
    "blur": ("clear", "normal", "heavy"),
    "expression": ("typical", "exaggerated"),
    "illumination": ("normal", "extreme"),
    "occlusion": ("none", "partial", "heavy"),
    "pose": ("typical", "atypical"),
}
Group = Callable[[Scene], NDArray[np.bool_]]


def everyone(scene: Scene) -> NDArray[np.bool_]:
    """Every face of the scene."""
    return np.ones(len(scene.xyxy), np.bool_)


def with_attribute(name: str, value: int) -> Group:
    """The faces for which WIDER states this value."""
    return lambda scene: np.asarray(scene.attributes[name] == value, np.bool_)


def with_mask_label(label: int) -> Group:
    """The faces of this label, a position in `realtime.core.faces.MASK_LABELS`."""
    return lambda scene: np.asarray(scene.mask == label, np.bool_)


def height_px(xyxy: F32) -> F32:
    """(n,) the boxes' heights."""
    return np.asarray(xyxy[:, 3] - xyxy[:, 1], np.float32)


def judged(
    seen: Sequence[Seen],
    answers: Sequence[Faces],
    *,
    group: Group = everyone,
    sizes_px: tuple[float, float] = (MIN_FACE_HEIGHT_PX, np.inf),
    only_judged_sizes: bool = False,
) -> list[Picture]:
    """The answers beside the truth; faces outside the group or the sizes are ignored.

    Args:
        seen: the scenes.
        answers: those on each scene.
        group: which faces are judged.
        sizes_px: from which height up to below which.
        only_judged_sizes: whether wrong answers of other heights are left out as well, for sets
            in which small faces have no box, and for figures by size.
    """
    pictures = []
    low, high = sizes_px
    for one, faces in zip(seen, answers, strict=True):
        truth = (one.scene.xyxy * np.float32(one.scale)).astype(np.float32)
        height = height_px(truth)
        counted = group(one.scene) & ~one.scene.invalid & (height >= low) & (height < high)
        picture = Picture(faces.xyxy, faces.score, truth, ~counted)
        if only_judged_sizes:
            own = height_px(faces.xyxy)
            kept = (match(picture) != FALSE_POSITIVE) | ((own >= low) & (own < high))
            picture = Picture(faces.xyxy[kept], faces.score[kept], truth, ~counted)
        pictures.append(picture)
    return pictures
