"""What the detector learns from: decoded scenes, their boxes and the points of their faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.landmark.align import five_points
from training.crops import OUTLINE, Arrays, Cropper, CropSpec, cache_key, cached
from training.data import Archive
from training.detector import scenes
from training.detector.scenes import Scene
from training.folders import thinned
from training.near_duplicates import group, hashes, held_out
from training.progress import over

MESH_PX = 24  # smaller faces have no points worth learning
MESH_PRESENCE = 0.8
LEARNED_PX = 6  # smaller boxes are only kept from counting as background
HELD_SHARE = 0.08
POINTS = "landmarks_300w"
# The 68 points end at the brows, an annotator's box at the hair.
FOREHEAD = 0.3
_MESH_CROP = CropSpec(8, 1.0, gray=True)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture with its faces.

    Attributes:
        picture: (h, w, 3) uint8 BGR.
        xyxy: (n, 4) float32 in its pixels.
        learned: (n,) bool; the others are neither faces nor background.
        points: (n, 5, 2) float32, the picture's left eye first; NaN where they are not known.
        outline: (n, 30, 2) float32, for painting masks, see `training.crops.OUTLINE`; NaN likewise.
    """

    picture: Frame
    xyxy: F32
    learned: NDArray[np.bool_]
    points: F32
    outline: F32


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """All examples of one source, and how often one is shown."""

    name: str
    share: float
    learn: list[Example]
    held: list[Example]


def read(data: Path, *, limit: int | None = None) -> list[Examples]:
    """Every training source, each split into learned and held-out pictures.

    Raises:
        training.data.DataError: a set is missing or not as expected.
    """
    return [
        _boxed(data, "wider_train", "wider_train", scenes.wider(data, "wider_train"), 0.42, limit),
        _boxed(data, "mask_scenes", "mask_scenes", scenes.mask_scenes(data, "train"), 0.36, limit),
        _boxed(data, POINTS, POINTS, _pointed(data), 0.08, limit),
        _boxed(data, "scenes_without_faces", "empty", scenes.without_faces(data), 0.14, limit),
    ]


def _boxed(
    data: Path, archive: str, title: str, found: list[Scene], share: float, limit: int | None
) -> Examples:
    found = found[thinned(len(found), limit)]
    decoded = [p for _, p in over(scenes.pictures(data, archive, found), len(found), title)]
    meshed = _meshes(data, archive, title, found, decoded, limit)
    examples = []
    for i, (scene, picture) in enumerate(zip(found, decoded, strict=True)):
        rows = meshed["picture"] == i
        known = (meshed["presence"][rows] > MESH_PRESENCE) & (scene.side_px >= MESH_PX)
        blank = ~known[:, None, None]
        points = np.where(blank, np.nan, meshed["points"][rows]).astype(np.float32)
        outline = np.where(blank, np.nan, meshed["outline"][rows]).astype(np.float32)
        learned = ~scene.invalid & (scene.side_px >= LEARNED_PX)
        examples.append(Example(picture, scene.xyxy, learned, points, outline))
    held = _held(decoded)
    return Examples(
        title,
        share,
        [e for e, h in zip(examples, held, strict=True) if not h],
        [e for e, h in zip(examples, held, strict=True) if h],
    )


def held_paths(data: Path, *, limit: int | None = None) -> dict[str, list[Scene]]:
    """The held-out scenes with boxed faces, by set: thresholds are chosen on them."""
    sets = {"wider_train": scenes.wider(data, "wider_train")}
    sets["mask_scenes"] = scenes.mask_scenes(data, "train")
    result = {}
    for name, found in sets.items():
        kept = found[thinned(len(found), limit)]
        held = _held([p for _, p in scenes.pictures(data, name, kept)])
        result[name] = [s for s, h in zip(kept, held, strict=True) if h]
    return result


def _held(decoded: list[Frame]) -> NDArray[np.bool_]:
    """Which pictures are held out; near-duplicates stay on one side."""
    return held_out(group(hashes(decoded)), share=HELD_SHARE, seed=1)


def _meshes(
    data: Path, name: str, title: str, found: list[Scene], decoded: list[Frame], limit: int | None
) -> Arrays:
    """Points of every boxed face, by the face mesh: where no label exists, they are the labels."""

    def build() -> Arrays:
        cropper = Cropper(_MESH_CROP)
        parts: list[Arrays] = []
        pairs = zip(found, decoded, strict=True)
        for i, (scene, picture) in enumerate(over(pairs, len(found), f"points of {title}")):
            points = np.zeros((0, 468, 3), np.float32), np.zeros(0, np.float32)
            if len(scene.xyxy):
                points = cropper.landmarks(picture, scene.xyxy)
            mesh, presence = points
            parts.append(
                {
                    "picture": np.full(len(mesh), i),
                    "presence": presence,
                    "points": five_points(mesh),
                    "outline": mesh[:, OUTLINE, :2],
                }
            )
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    with Archive(data, name) as archive:
        stamp = archive.fingerprint()
    key = cache_key(_MESH_CROP, stamp, name=title, limit=limit, use="detector points")
    return cached(f"points-{title}", key, build)


def _pointed(data: Path) -> list[Scene]:
    """landmarks_300w train as scenes with one box each, drawn about its 68 points."""
    columns = [f"{axis}{i}" for i in range(68) for axis in "xy"]
    with Archive(data, POINTS) as archive:
        rows = [r for r in archive.table("points.csv", ("path", *columns)) if "train/" in r["path"]]
    return list(_about_points(rows, columns))


def _about_points(rows: list[dict[str, str]], columns: list[str]) -> Iterator[Scene]:
    for row in rows:
        points = np.array([float(row[c]) for c in columns], np.float32).reshape(68, 2)
        low, high = points.min(axis=0), points.max(axis=0)
        low[1] -= FOREHEAD * (high[1] - low[1])
        box = np.concatenate([low, high])[None]
        yield Scene(row["path"], box, np.zeros(1, bool), np.full(1, scenes.NO_MASK_LABEL))
