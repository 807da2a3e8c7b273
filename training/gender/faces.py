"""The faces of a source, detected and aligned as in the live pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cache_key, cached, cut_all
from training.gender.sources import Part, source

Index = NDArray[np.bool_] | NDArray[np.int64] | slice


@dataclass(frozen=True, slots=True, eq=False)
class GenderSet:
    """Aligned crops of one source, one face per picture.

    Attributes:
        name: source and part, such as `utkface/test`.
        crops: (n, side, side, 1 or 3) uint8, gray or BGR.
        label: (n,) int64, positions in `training.gender.sources.LABELS`.
        age: (n,) int64, years, -1 if unknown.
        race: (n,) int64, UTKFace's code, -1 if unknown.
        outline: (n, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        yaw_deg: (n,) float32, head yaw.
    """

    name: str
    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    age: NDArray[np.int64]
    race: NDArray[np.int64]
    outline: F32
    yaw_deg: F32

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, index: Index) -> GenderSet:
        return GenderSet(
            self.name,
            self.crops[index],
            self.label[index],
            self.age[index],
            self.race[index],
            self.outline[index],
            self.yaw_deg[index],
        )


def read_faces(data: Path, part: Part, spec: CropSpec, *, limit: int | None = None) -> GenderSet:
    """The largest face of each picture of one part of the data.

    If no face is detected, the whole picture is cropped as one.

    Args:
        data: see `training.gender.sources.source`.
        part: which part.
        spec: how the crops are cut.
        limit: maximum number of pictures.

    Raises:
        DataError: the data is missing.
    """
    pictures = source(data, part, limit=limit)

    def build() -> Arrays:
        cropper = Cropper(spec)

        def items() -> Iterator[tuple[Frame, F32]]:
            for picture in pictures.pictures():
                yield picture, cropper.largest_box(picture)

        return cut_all(cropper, items(), total=len(pictures), title=pictures.name)

    key = cache_key(spec, pictures.fingerprint, name=pictures.name, limit=limit, task="gender")
    arrays = cached(f"gender-{pictures.name.replace('/', '-')}", key, build)
    faces = [pictures.faces[i] for i in arrays["picture"]]
    return GenderSet(
        pictures.name,
        arrays["crops"],
        np.array([f.label for f in faces], np.int64),
        np.array([f.age for f in faces], np.int64),
        np.array([f.race for f in faces], np.int64),
        arrays["outline"],
        arrays["yaw_deg"],
    )
