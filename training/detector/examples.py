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
from training.detector.teacher import FILE, MIN_SCORE, NOTHING, TeacherFaces, read_teacher
from training.folders import thinned
from training.near_duplicates import group, hashes, held_out
from training.progress import over

MIN_MESH_PX = 24  # the mesh is not reliable on smaller faces
MIN_PRESENCE = 0.8
MIN_BOX_PX = 6  # smaller boxes are ignored: neither face nor background
HELD_OUT_SHARE = 0.08
HARD_PICTURES, HARD_FACES = 2.0, 2.0  # drawn this much more often: together 4 times
LANDMARKS, EMPTY = "landmarks_300w", "empty"
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
        hard: (n,) bool, faces to show more often.
    """

    picture: Frame
    xyxy: F32
    valid: NDArray[np.bool_]
    points: F32
    outline: F32
    hard: NDArray[np.bool_]

    @property
    def weight(self) -> float:
        """How often to draw this picture, relative to one without hard faces."""
        return HARD_PICTURES if (self.hard & self.valid).any() else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ExampleSet:
    """All examples of one source.

    Attributes:
        name: name of the source.
        share: sampling weight.
        train: the training examples.
        held_out: the examples held out for validation.
        taught: how many of the faces to learn only the teacher found.
    """

    name: str
    share: float
    train: list[Example]
    held_out: list[Example]
    taught: int = 0


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
        _read_set(data, "wider_train", "wider_train", wider, 0.48, limit),
        _read_set(data, "mask_scenes", "mask_scenes", masks, 0.26, limit),
        _read_set(data, LANDMARKS, LANDMARKS, _landmark_scenes(data), 0.06, limit),
        _read_set(data, "scenes_without_faces", EMPTY, empty, 0.1, limit),
        *_optional(data, limit),
    ]


def _optional(data: Path, limit: int | None) -> list[ExampleSet]:
    """masked_web, whose only boxes are the teacher's."""
    if not (data / "masked_web.zip").is_file() or not (data / FILE).is_file():
        return []
    return [_read_set(data, "masked_web", "masked_web", scenes.masked_web(data), 0.1, limit)]


def _read_set(
    data: Path, archive: str, title: str, listed: list[Scene], share: float, limit: int | None
) -> ExampleSet:
    listed = listed[thinned(len(listed), limit)]
    decoded = [p for _, p in over(scenes.pictures(data, archive, listed), len(listed), title)]
    meshes = _meshes(data, archive, title, listed, decoded, limit)
    examples = []
    # The pictures without faces are known to have none: what the teacher finds there is wrong.
    teacher = read_teacher(data, archive) if title != EMPTY else {}
    taught = 0
    for i, (scene, picture) in enumerate(zip(listed, decoded, strict=True)):
        rows = meshes["picture"] == i
        known = (meshes["presence"][rows] > MIN_PRESENCE) & (scene.side_px >= MIN_MESH_PX)
        unknown = ~known[:, None, None]
        points = np.where(unknown, np.nan, meshes["points"][rows]).astype(np.float32)
        outline = np.where(unknown, np.nan, meshes["outline"][rows]).astype(np.float32)
        valid = ~scene.invalid & (scene.side_px >= MIN_BOX_PX)
        example = Example(picture, scene.xyxy, valid, points, outline, scene.hard)
        examples.append(with_teacher(example, teacher.get(scene.path, NOTHING)))
        taught += int(examples[-1].valid.sum() - valid.sum())
    is_held_out = _held_out(decoded)
    return ExampleSet(
        title,
        share,
        [e for e, h in zip(examples, is_held_out, strict=True) if not h],
        [e for e, h in zip(examples, is_held_out, strict=True) if h],
        taught,
    )


def with_teacher(example: Example, faces: TeacherFaces) -> Example:
    """The example with the faces that only the teacher found, and with its key points.

    Faces that the teacher is sure of are learned, the others ignored.
    """
    points = np.where(
        np.isnan(example.points), faces.points_for(example.xyxy), example.points
    ).astype(np.float32)
    new = faces.missing_from(example.xyxy)
    count = int(new.sum())
    boxes = faces.xyxy[new]
    large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf) >= MIN_BOX_PX
    return Example(
        example.picture,
        np.concatenate([example.xyxy, boxes]),
        np.concatenate([example.valid, (faces.score[new] >= MIN_SCORE) & large]),
        np.concatenate([points, faces.points[new]]),
        np.concatenate([example.outline, np.full((count, len(OUTLINE), 2), np.nan, np.float32)]),
        np.concatenate([example.hard, np.zeros(count, bool)]),
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
