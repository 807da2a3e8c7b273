"""Data preparation: find each face by the Haar cascade, align, crop, gray, flatten, stretch.

Viola and Jones, https://doi.org/10.1109/CVPR.2001.990517, by the file that OpenCV carries.
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
from training.crops import Arrays, Cropper, CropSpec, cached, settings_of
from training.gender.sources import LABELS, Labelled, Part, Source, source
from training.progress import over

SIDE_PX = 100
LEAST_PX = 54  # smaller faces have too little detail for 100 x 100 values
SEARCH_PX = 40  # so that faces a little too small are found and counted as such
BORDER = 0.2  # of the picture: the cascade misses faces that fill it to the edge
NEIGHBOURS, STEP = 5, 1.1
HAAR = (SEARCH_PX, BORDER, NEIGHBOURS, STEP)
ZOOM = 1.15  # the face from brow to chin: beyond, backgrounds would fill the first eigenfaces
SPEC = CropSpec(SIDE_PX, ZOOM, gray=True)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The faces of one part of the data, ready for eigenfaces.

    Attributes:
        crops: (n, 100, 100) uint8, gray.
        label: (n,) int64, positions in `LABELS`.
        side_px: (n,) float32, sides of the boxes that the cascade found.
        missed: the pictures in which it found no face.
        small: those whose face is under `LEAST_PX`.
        pictures: all pictures of the part.
    """

    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    side_px: F32
    missed: Sequence[Labelled]
    small: Sequence[Labelled]
    pictures: Sequence[Labelled]

    def vectors(self) -> F32:
        """(n, 10000) float32, 0 to 1."""
        return flatten(self.crops)

    def counts(self) -> list[dict[str, int | str]]:
        """A row a label: pictures, found, missed, too small, kept."""
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
                    f"under {LEAST_PX} px": small,
                    "kept": pictures - missed - small,
                }
            )
        return rows


class HaarFinder:
    """Finds the largest frontal face of a picture."""

    def __init__(self) -> None:
        folder = cv2.data.haarcascades  # type: ignore[attr-defined]
        self._cascade = cv2.CascadeClassifier(f"{folder}haarcascade_frontalface_default.xml")

    def __call__(self, picture: Frame) -> F32 | None:
        """Its square box, xyxy (1, 4) in pixels; None where there is none."""
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        edge = round(BORDER * min(gray.shape))
        wide = cv2.copyMakeBorder(gray, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        found = self._cascade.detectMultiScale(
            wide, STEP, NEIGHBOURS, minSize=(SEARCH_PX, SEARCH_PX)
        )
        if len(found) == 0:
            return None
        x, y, side, _ = max(found, key=lambda box: int(box[2]))
        box = np.array([[x, y, x + side, y + side]], np.float32) - edge
        return np.asarray(box, np.float32)


def prepare(data: Path, part: Part, *, limit: int | None = None) -> Prepared:
    """Find and cut the faces of one part of the data; see `Prepared`.

    The cascade's box tells where a face is, the mesh how it is turned: crops are aligned by the
    eyes, nose and mouth, as the live path aligns them.
    """
    given = source(data, part, limit=limit)

    boxes = find_boxes(given, limit=limit)
    side_px = boxes[:, 2] - boxes[:, 0]

    def build() -> Arrays:
        cropper = Cropper(SPEC)
        crops = np.zeros((len(given), SIDE_PX, SIDE_PX), np.uint8)
        for i, picture in enumerate(_bar(given, "crops")):
            if side_px[i] > 0:
                crops[i] = cropper(picture, boxes[[i]])["crops"][0, ..., 0]
        return {"crops": crops}

    title = f"eigen-{given.name.replace('/', '-')}"
    key = settings_of(SPEC, given.key, name=given.name, limit=limit, haar=HAAR)
    arrays = cached(title, key, build)
    kept = side_px >= LEAST_PX
    return Prepared(
        arrays["crops"][kept],
        np.array([f.label for f in given.faces], np.int64)[kept],
        side_px[kept],
        [f for f, side in zip(given.faces, side_px, strict=True) if side == 0],
        [f for f, side in zip(given.faces, side_px, strict=True) if 0 < side < LEAST_PX],
        given.faces,
    )


def find_boxes(given: Source, *, limit: int | None = None) -> F32:
    """What the cascade finds in each picture: boxes (n, 4), all zero where it finds none."""

    def build() -> Arrays:
        find = HaarFinder()
        nothing = np.zeros((1, 4), np.float32)
        found = [find(picture) for picture in _bar(given, "Haar")]
        return {"boxes": np.concatenate([nothing if f is None else f for f in found])}

    key = {"data": given.key, "name": given.name, "limit": limit, "haar": HAAR}
    boxes: F32 = cached(f"haar-{given.name.replace('/', '-')}", key, build)["boxes"]
    return boxes


def _bar(given: Source, title: str) -> Iterable[Frame]:
    """The pictures, with their progress shown."""
    return over(given.pictures(), len(given), f"{given.name}, {title}")
