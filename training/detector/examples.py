"""Training examples of the detector: decoded scenes with boxes and landmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from training.crops import OUTLINE, Arrays, Cropper, CropSpec, cache_key, cached
from training.data import Archive
from training.detector import scenes
from training.detector.scenes import Scene
from training.folders import thinned
from training.near_duplicates import group, hashes, held_out
from training.progress import over

MIN_MESH_PX = 24  # the mesh is not reliable on smaller faces
MIN_PRESENCE = 0.8
MIN_BOX_PX = 6  # smaller boxes are ignored: neither face nor background
HELD_OUT_SHARE = 0.08
LANDMARKS = "landmarks_300w"
# Landmarks end at the brows, annotators' boxes at the hairline: extend boxes by this much.
FOREHEAD = 0.3
_MESH_CROP = CropSpec(8, 1.0, gray=True)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture and its labelled faces.

    Attributes:
        picture: (h, w, 3) uint8 BGR.
        xyxy: (n, 4) float32 boxes in pixels.
        valid: (n,) bool; the other boxes are ignored: neither face nor background.
        points: (n, 5, 2) float32 landmarks, the eye on the left of the picture first; NaN where
            unknown.
        outline: (n, 30, 2) float32, for painting masks, see `training.crops.OUTLINE`; NaN where
            unknown.
    """

    picture: Frame
    xyxy: F32
    valid: NDArray[np.bool_]
    points: F32
    outline: F32


@dataclass(frozen=True, slots=True, eq=False)
class ExampleSet:
    """All examples of one source.

    Attributes:
        name: name of the source.
        share: sampling weight.
        train: the training examples.
        held_out: the examples held out for validation.
    """

    name: str
    share: float
    train: list[Example]
    held_out: list[Example]


def read_examples(data: Path, *, limit: int | None = None) -> list[ExampleSet]:
    """Read all training sets, each split into training and held-out pictures.

    Args:
        data: the folder of zipped sets.
        limit: maximum number of pictures per set.

    Raises:
        training.data.DataError: a set is missing or malformed.
    """
    wider, masks = scenes.wider(data, "wider_train"), scenes.mask_scenes(data, "train")
    empty = scenes.without_faces(data)
    return [
        _read_set(data, "wider_train", "wider_train", wider, 0.42, limit),
        _read_set(data, "mask_scenes", "mask_scenes", masks, 0.36, limit),
        _read_set(data, LANDMARKS, LANDMARKS, _landmark_scenes(data), 0.08, limit),
        _read_set(data, "scenes_without_faces", "empty", empty, 0.14, limit),
    ]


def _read_set(
    data: Path, archive: str, title: str, listed: list[Scene], share: float, limit: int | None
) -> ExampleSet:
    listed = listed[thinned(len(listed), limit)]
    decoded = [p for _, p in over(scenes.pictures(data, archive, listed), len(listed), title)]
    meshes = _meshes(data, archive, title, listed, decoded, limit)
    examples = []
    for i, (scene, picture) in enumerate(zip(listed, decoded, strict=True)):
        rows = meshes["picture"] == i
        known = (meshes["presence"][rows] > MIN_PRESENCE) & (scene.side_px >= MIN_MESH_PX)
        unknown = ~known[:, None, None]
        points = np.where(unknown, np.nan, meshes["points"][rows]).astype(np.float32)
        outline = np.where(unknown, np.nan, meshes["outline"][rows]).astype(np.float32)
        valid = ~scene.invalid & (scene.side_px >= MIN_BOX_PX)
        examples.append(Example(picture, scene.xyxy, valid, points, outline))
    is_held_out = _held_out(decoded)
    return ExampleSet(
        title,
        share,
        [e for e, h in zip(examples, is_held_out, strict=True) if not h],
        [e for e, h in zip(examples, is_held_out, strict=True) if h],
    )


def held_out_scenes(data: Path, *, limit: int | None = None) -> dict[str, list[Scene]]:
    """The held-out scenes with faces, by set, on which thresholds are chosen."""
    sets = {
        "wider_train": scenes.wider(data, "wider_train"),
        "mask_scenes": scenes.mask_scenes(data, "train"),
    }
    result = {}
    for name, listed in sets.items():
        listed = listed[thinned(len(listed), limit)]
        is_held_out = _held_out([p for _, p in scenes.pictures(data, name, listed)])
        result[name] = [s for s, h in zip(listed, is_held_out, strict=True) if h]
    return result


def _held_out(decoded: list[Frame]) -> NDArray[np.bool_]:
    """Which pictures are held out; near-duplicates stay on the same side of the split."""
    return held_out(group(hashes(decoded)), share=HELD_OUT_SHARE, seed=1)


def _meshes(
    data: Path, name: str, title: str, listed: list[Scene], decoded: list[Frame], limit: int | None
) -> Arrays:
    """Landmarks of every box by the face mesh, used as labels where a set has none."""

    def build() -> Arrays:
        cropper = Cropper(_MESH_CROP)
        parts: list[Arrays] = []
        pairs = zip(listed, decoded, strict=True)
        for i, (scene, picture) in enumerate(over(pairs, len(listed), f"points of {title}")):
            mesh, presence = Landmarks.empty(MESH468), np.zeros(0, np.float32)
            if len(scene.xyxy):
                mesh, presence = cropper.landmarks(picture, scene.xyxy)
            parts.append(
                {
                    "picture": np.full(len(mesh), i),
                    "presence": presence,
                    "points": mesh.five(),
                    "outline": mesh.xy[:, OUTLINE],
                }
            )
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    with Archive(data, name) as archive:
        fingerprint = archive.fingerprint()
    key = cache_key(_MESH_CROP, fingerprint, name=title, limit=limit, use="detector points")
    return cached(f"points-{title}", key, build)


def _landmark_scenes(data: Path) -> list[Scene]:
    """The training split of 300-W as scenes with one box each, around its 68 landmarks."""
    columns = [f"{axis}{i}" for i in range(68) for axis in "xy"]
    with Archive(data, LANDMARKS) as archive:
        rows = [r for r in archive.table("points.csv", ("path", *columns)) if "train/" in r["path"]]
    return list(_boxes_around_points(rows, columns))


def _boxes_around_points(rows: list[dict[str, str]], columns: list[str]) -> Iterator[Scene]:
    for row in rows:
        points = np.array([float(row[c]) for c in columns], np.float32).reshape(68, 2)
        low, high = points.min(axis=0), points.max(axis=0)
        low[1] -= FOREHEAD * (high[1] - low[1])
        box = np.concatenate([low, high])[None]
        yield Scene(row["path"], box, np.zeros(1, bool), np.full(1, scenes.NO_MASK_LABEL))
