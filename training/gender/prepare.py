"""Data preparation for eigenfaces: detect with the Haar cascade, align, crop and convert to gray.

The cascade is Viola and Jones's, https://doi.org/10.1109/CVPR.2001.990517, as part of OpenCV.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.eigenfaces import flatten
from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cache_key, cached
from training.gender.sources import LABELS, LabelledPicture, Part, Source, source
from training.progress import over

SIDE_PX = 100
MIN_FACE_PX = 54  # smaller faces have too little detail for 100 x 100 pixels
MIN_DETECTION_PX = 40  # so that faces slightly too small are detected and counted as such
BORDER = 0.2  # padding, relative to the picture: the cascade misses faces that touch the edge
MIN_NEIGHBOURS, SCALE_FACTOR = 5, 1.1
HAAR = (MIN_DETECTION_PX, BORDER, MIN_NEIGHBOURS, SCALE_FACTOR)
ZOOM = 1.15  # brow to chin, or the background would dominate the first eigenfaces
SPEC = CropSpec(SIDE_PX, ZOOM, gray=True)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The faces of one part of the data, ready for eigenfaces.

    Attributes:
        crops: (n, 100, 100) uint8, gray.
        label: (n,) int64, positions in `LABELS`.
        side_px: (n,) float32, sides of the cascade's boxes.
        missed: pictures in which it detected no face.
        small: pictures with a face below `MIN_FACE_PX`.
        pictures: all pictures of the part.
    """

    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    side_px: F32
    missed: Sequence[LabelledPicture]
    small: Sequence[LabelledPicture]
    pictures: Sequence[LabelledPicture]

    def vectors(self) -> F32:
        """The crops as vectors (n, 10000) float32, 0 to 1."""
        return flatten(self.crops)

    def counts(self) -> list[dict[str, int | str]]:
        """One row per label: numbers of all, missed, too small and kept pictures."""
        rows: list[dict[str, int | str]] = []
        for label, name in enumerate(LABELS):
            missed, small, pictures = (
                Counter(f.label for f in faces)[label]
                for faces in (self.missed, self.small, self.pictures)
            )
            rows.append(
                {
                    "label": name,
                    "pictures": pictures,
                    "missed by the cascade": missed,
                    f"under {MIN_FACE_PX} px": small,
                    "kept": pictures - missed - small,
                }
            )
        return rows


class HaarDetector:
    """Detects the largest frontal face of a picture."""

    def __init__(self) -> None:
        folder = cv2.data.haarcascades  # type: ignore[attr-defined]
        self._cascade = cv2.CascadeClassifier(f"{folder}haarcascade_frontalface_default.xml")

    def __call__(self, picture: Frame) -> F32 | None:
        """The face's square box, xyxy (1, 4) in pixels; None without a face."""
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        edge = round(BORDER * min(gray.shape))
        padded = cv2.copyMakeBorder(gray, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        faces = self._cascade.detectMultiScale(
            padded, SCALE_FACTOR, MIN_NEIGHBOURS, minSize=(MIN_DETECTION_PX, MIN_DETECTION_PX)
        )
        if len(faces) == 0:
            return None
        x, y, side, _ = max(faces, key=lambda box: int(box[2]))
        box = np.array([[x, y, x + side, y + side]], np.float32) - edge
        return np.asarray(box, np.float32)


def prepare(data: Path, part: Part, *, limit: int | None = None) -> Prepared:
    """Detect and crop the faces of one part of the data.

    The cascade locates the face, the mesh aligns it: crops are aligned by eyes, nose and mouth, as
    in the live pipeline.

    Args:
        data: see `training.gender.sources.source`.
        part: which part.
        limit: maximum number of pictures.

    Raises:
        DataError: the data is missing.
    """
    pictures = source(data, part, limit=limit)
    boxes = detect_boxes(pictures, limit=limit)
    side_px = boxes[:, 2] - boxes[:, 0]

    def build() -> Arrays:
        cropper = Cropper(SPEC)
        crops = np.zeros((len(pictures), SIDE_PX, SIDE_PX), np.uint8)
        for i, picture in enumerate(_with_progress(pictures, "crops")):
            if side_px[i] > 0:
                crops[i] = cropper(picture, boxes[[i]])["crops"][0, ..., 0]
        return {"crops": crops}

    title = f"eigen-{pictures.name.replace('/', '-')}"
    key = cache_key(SPEC, pictures.fingerprint, name=pictures.name, limit=limit, haar=HAAR)
    arrays = cached(title, key, build)
    kept = side_px >= MIN_FACE_PX
    return Prepared(
        arrays["crops"][kept],
        np.array([f.label for f in pictures.faces], np.int64)[kept],
        side_px[kept],
        [f for f, side in zip(pictures.faces, side_px, strict=True) if side == 0],
        [f for f, side in zip(pictures.faces, side_px, strict=True) if 0 < side < MIN_FACE_PX],
        pictures.faces,
    )


def detect_boxes(pictures: Source, *, limit: int | None = None) -> F32:
    """The cascade's boxes (n, 4), zeros for pictures without a detection; cached on disk."""

    def build() -> Arrays:
        detect = HaarDetector()
        nothing = np.zeros((1, 4), np.float32)
        boxes_found = [detect(picture) for picture in _with_progress(pictures, "Haar")]
        return {"boxes": np.concatenate([nothing if f is None else f for f in boxes_found])}

    key = {"data": pictures.fingerprint, "name": pictures.name, "limit": limit, "haar": HAAR}
    boxes: F32 = cached(f"haar-{pictures.name.replace('/', '-')}", key, build)["boxes"]
    return boxes


def _with_progress(pictures: Source, title: str) -> Iterable[Frame]:
    """Iterate over the pictures with a progress bar."""
    return over(pictures.pictures(), len(pictures), f"{pictures.name}, {title}")
