"""expressions_oval: colour faces cropped to an oval, one emotion each, 2,200 per class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cache_key, cached, cut_all, whole_box
from training.data import Archive
from training.folders import thinned
from training.near_duplicates import group, hashes, held_out

NAME = "expressions_oval"
LABEL_SMOOTHING = 0.1  # the labels come from one uploader, not from votes


@dataclass(frozen=True, slots=True, eq=False)
class OvalSet:
    """Crops of expressions_oval.

    Attributes:
        crops: (n, side, side, 1) uint8; the black background is replaced by the face's mean gray.
        soft: (n, 7) float32, smoothed labels, rows sum to one.
        outline: (n, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        yaw_deg: (n,) float32, head yaw.
        held_out: (n,) bool, the tenth held out as a test set.
        validation: (n,) bool, a tenth of the others, on which epochs and thresholds are chosen.
    """

    crops: NDArray[np.uint8]
    soft: F32
    outline: F32
    yaw_deg: F32
    held_out: NDArray[np.bool_]
    validation: NDArray[np.bool_]

    @property
    def learned(self) -> NDArray[np.bool_]:
        """The faces to train on (n,)."""
        return ~(self.held_out | self.validation)


def read_oval(data: Path, spec: CropSpec, *, limit: int | None = None) -> OvalSet:
    """Crops and labels; crops are cached on disk.

    Args:
        data: the data folder.
        spec: how the crops are cut.
        limit: maximum number of pictures, evenly spaced over all.

    Raises:
        DataError: the set is missing.
    """
    with Archive(data, NAME) as archive:
        paths = [p for label in EMOTION.labels for p in archive.paths(f"{label}/")]
        paths = paths[thinned(len(paths), limit)]

        def build() -> Arrays:
            def items() -> Iterator[tuple[Frame, F32]]:
                for path in paths:
                    picture = archive.picture(path)
                    yield picture, whole_box(picture)

            return cut_all(Cropper(spec), items(), total=len(paths), title=NAME)

        stamp = {"data": archive.fingerprint(), "limit": limit}
        arrays = cached(NAME, cache_key(spec, archive.fingerprint(), limit=limit), build)
        # The pictures are hashed, not the crops, so that each geometry has the same split.
        codes = cached(
            f"{NAME}-hashes", stamp, lambda: {"codes": hashes(archive.picture(p) for p in paths)}
        )["codes"]
    classes = [EMOTION.labels.index(path.split("/")[0]) for path in paths]
    labels = np.eye(len(EMOTION.labels), dtype=np.float32)[classes]
    soft: F32 = labels * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / len(EMOTION.labels)
    crops = fill_background(arrays["crops"])
    # The common oval makes all hashes similar, so only equal ones count as near-duplicates.
    groups = group(codes, max_bits=0)
    test = held_out(groups, share=0.1, seed=0)
    validation = held_out(groups, share=0.1, seed=1) & ~test
    return OvalSet(crops, soft, arrays["outline"], arrays["yaw_deg"], test, validation)


def fill_background(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Copies of crops (n, h, w, 1) with large black areas filled with the face's mean gray.

    Otherwise the black would decide how a network standardises the face. The areas grow by a
    pixel, over the dark rim that scaling and compression leave around the oval.
    """
    filled = crops.copy()
    rim = np.ones((3, 3), np.uint8)
    for crop in filled:
        black = (crop[..., 0] < 8).astype(np.uint8)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(black)
        large = stats[:, cv2.CC_STAT_AREA] > black.size / 25
        large[0] = False  # component 0 is everything that is not black
        outside = cv2.dilate(large[parts].astype(np.uint8), rim) > 0
        if outside.any() and not outside.all():
            crop[outside] = np.uint8(crop[~outside].mean())
    return filled
