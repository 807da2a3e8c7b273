"""The faces and backgrounds that the mesh is trained on, cached in `runs/cache`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from training.crops import OUTLINE, Arrays, cached
from training.mesh import sources
from training.mesh.backgrounds import read_backgrounds
from training.mesh.examples import NO_FACES, MeshFaces, cache_key, taught
from training.mesh.sources import Source, pictures
from training.paint_mask import Wear, paint_mask
from training.progress import over

PAINTED_FACES = 1000  # of a set
PAINTED = "painted"
_WEARS = (Wear.WORN, Wear.WORN, Wear.WORN, Wear.BELOW_NOSE, Wear.CHIN)


def read_all(
    data: Path, *, seed: int, limit: int | None = None
) -> tuple[list[MeshFaces], NDArray[np.uint8]]:
    """All faces and backgrounds to train on; sets that are missing are an error."""
    faces = [read_faces(data, source, limit=limit) for source in sources.SOURCES]
    bare = [f for f in faces if f.name in ("utkface", "landmarks_300w", "lfw_gender")]
    painted = [paint_masks(f, PAINTED_FACES, 0.06, seed) for f in bare]
    return [*faces, *painted], read_backgrounds(data, seed=seed, limit=limit)


def read_faces(data: Path, source: Source, *, limit: int | None = None) -> MeshFaces:
    """The faces of a set as the teacher sees them.

    Raises:
        training.data.DataError: the set is missing or malformed.
        FileNotFoundError: the teacher's network is missing.
    """

    def build() -> Arrays:
        teacher = MediaPipeMesh()
        count, found = pictures(data, source, limit)
        parts = [NO_FACES]
        parts += [
            taught(teacher, picture, regions)
            for picture, regions in over(found, count, f"mesh of {source.name}")
        ]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    arrays = cached(f"mesh-{source.name}", cache_key(data, source.name, source, limit), build)
    return MeshFaces(name=source.name, share=source.share, masked=source.masked, **arrays)


def paint_masks(faces: MeshFaces, count: int, share: float, seed: int) -> MeshFaces:
    """Some of the faces again, with a mask painted on: what it hides is known from before."""

    def build() -> Arrays:
        rng = np.random.default_rng(seed)
        sure = np.flatnonzero(faces.presence > 0.9)
        rows = rng.choice(sure, min(count, len(sure)), replace=False) if len(sure) else sure
        painted = [
            paint_mask(
                faces.crops[i],
                faces.points[i][list(OUTLINE), :2],
                _WEARS[int(rng.integers(len(_WEARS)))],
                rng,
            )
            for i in over(rows, len(rows), f"painting masks, {faces.name}")
        ]
        crops = np.stack(painted) if painted else faces.crops[:0]
        return {
            "crops": crops,
            "points": faces.points[rows],
            "presence": faces.presence[rows],
            "framing": faces.framing[rows],
        }

    checks = [int(faces.crops[:: max(1, len(faces) // 50)].sum()), len(faces)]
    key = {"faces": checks, "count": count, "seed": seed}
    arrays = cached(f"mesh-{PAINTED}-{faces.name}", key, build)
    return MeshFaces(name=f"{PAINTED} {faces.name}", share=share, masked=False, **arrays)
