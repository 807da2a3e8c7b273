"""expressions_oval: colour faces cut to their oval, one emotion each, 2,200 of every class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.faces import EMOTION_LABELS, F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cached, cut_all, settings_of, whole_box
from training.data import Archive

NAME = "expressions_oval"
DOUBT = 0.1  # share of the label spread over all classes: one uploader's word is no vote


def read_oval(
    data: Path, spec: CropSpec, *, limit: int | None = None
) -> tuple[NDArray[np.uint8], F32]:
    """Crops (n, side, side, 1) and labels (n, 7); the black about the oval is made some gray."""
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
        crops = cached(NAME, key, build)["crops"]
    classes = [EMOTION_LABELS.index(path.split("/")[0]) for path in paths]
    labels = np.eye(len(EMOTION_LABELS), dtype=np.float32)[classes]
    soft: F32 = labels * (1 - DOUBT) + DOUBT / len(EMOTION_LABELS)
    return fill(crops, np.random.default_rng(0)), soft


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
