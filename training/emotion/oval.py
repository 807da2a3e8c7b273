"""expressions_oval: colour faces cut to their oval, one emotion each, 2,200 of every class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import EMOTION_LABELS, F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cached, cut_all, settings_of, whole_box
from training.data import Archive
from training.near_duplicates import group, hashes, held_out

NAME = "expressions_oval"
DOUBT = 0.1  # share of the label spread over all classes: one uploader's word is no vote


@dataclass(frozen=True, slots=True, eq=False)
class OvalSet:
    """Crops of expressions_oval.

    Attributes:
        crops: (n, side, side, 1) uint8; the black about the oval is made some gray.
        soft: (n, 7) float32, rows sum to one.
        outline: (n, 30, 2) float32, the mesh points `training.crops.OUTLINE` in pixels of the crop.
        held: (n,) bool, the tenth that is held out to measure on.
    """

    crops: NDArray[np.uint8]
    soft: F32
    outline: F32
    held: NDArray[np.bool_]


def read_oval(data: Path, spec: CropSpec, *, limit: int | None = None) -> OvalSet:
    """Crops and labels, cut and cached on first use."""
    with Archive(data, NAME) as archive:
        paths = [p for label in EMOTION_LABELS for p in archive.paths(f"{label}/")]
        if limit is not None and limit < len(paths):
            paths = paths[:: len(paths) // limit][:limit]

        def build() -> Arrays:
            def items() -> Iterator[tuple[Frame, F32]]:
                for path in paths:
                    picture = archive.picture(path)
                    yield picture, whole_box(picture)

            return cut_all(Cropper(spec), items(), total=len(paths), title=NAME)

        key = settings_of(spec, archive.fingerprint(), limit=limit)
        arrays = cached(NAME, key, build)
    classes = [EMOTION_LABELS.index(path.split("/")[0]) for path in paths]
    labels = np.eye(len(EMOTION_LABELS), dtype=np.float32)[classes]
    soft: F32 = labels * (1 - DOUBT) + DOUBT / len(EMOTION_LABELS)
    crops = fill(arrays["crops"], np.random.default_rng(0))
    # All faces have the same oval, so strangers' hashes are close: only equal ones are twins.
    groups = group(hashes(arrays["crops"]), most_bits=0)
    return OvalSet(crops, soft, arrays["outline"], held_out(groups, share=0.1, seed=0))


def fill(crops: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Copies whose large black parts are a random gray, so that black is no sign of this source."""
    filled = crops.copy()
    for crop in filled:
        black = (crop[..., 0] < 8).astype(np.uint8)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(black)
        large = stats[:, cv2.CC_STAT_AREA] > black.size / 25
        large[0] = False  # the first part is all that is not black
        crop[large[parts]] = rng.integers(10, 246)
    return filled
