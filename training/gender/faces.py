"""The faces of a source, found and aligned by the running system's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cached, cut_all, settings_of
from training.gender.sources import Part, source

Index = NDArray[np.bool_] | NDArray[np.int64] | slice


@dataclass(frozen=True, slots=True, eq=False)
class GenderSet:
    """Aligned crops of one source, one face a picture.

    Attributes:
        name: the source and part, `utkface/test` for instance.
        crops: (n, side, side, 1 or 3) uint8, gray or BGR.
        label: (n,) int64, positions in `training.gender.sources.LABELS`.
        age: (n,) int64 years, -1 where unknown.
        race: (n,) int64, UTKFace's code, -1 where unknown.
        outline: (n, 30, 2) float32, the mesh points `training.crops.OUTLINE` in the crop.
        yaw_deg: (n,) float32, how far each face is turned to the side.
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
    """The faces of one part of the data; the largest found in each picture, as `Cropper` cuts.

    No picture is left out: where no face is found, the whole picture is taken for one.
    """
    given = source(data, part, limit=limit)

    def build() -> Arrays:
        cropper = Cropper(spec)

        def items() -> Iterator[tuple[Frame, F32]]:
            for picture in given.pictures():
                yield picture, cropper.largest_box(picture)

        return cut_all(cropper, items(), total=len(given), title=given.name)

    key = settings_of(spec, given.key, name=given.name, limit=limit, task="gender")
    arrays = cached(f"gender-{given.name.replace('/', '-')}", key, build)
    faces = [given.faces[i] for i in arrays["picture"]]
    return GenderSet(
        given.name,
        arrays["crops"],
        np.array([f.label for f in faces], np.int64),
        np.array([f.age for f in faces], np.int64),
        np.array([f.race for f in faces], np.int64),
        arrays["outline"],
        arrays["yaw_deg"],
    )
