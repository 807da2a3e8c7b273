"""Crops of faces with the teacher's mesh, and crops without a face, cached in `runs/cache`.

The teacher is MediaPipe's mesh network. It runs once in the first region of a face, twice more in
the region of its own result, and its last two answers are averaged: less noise to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame
from realtime.core.geometry import overlap_of_smaller
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect import create_detector, detector_entry
from realtime.inference.mediapipe_files import network_path
from realtime.landmark import mesh, region
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.region import region_matrices, regions_from_boxes, regions_from_landmarks
from training.crops import MESH_NETWORK, OUTLINE, Arrays, cached, sha256_of
from training.data import Archive
from training.detector import scenes
from training.folders import thinned
from training.mesh import framing, sources
from training.mesh.sources import DETECTOR, Source, pictures
from training.paint_mask import Wear, paint_mask
from training.progress import over

SIDE, MARGIN = 144, 1.35  # pixels of a cached crop; its side over that of the face's region
TRUSTED = 0.2  # presence from which the teacher's points are learned
PARTS_BELOW = 0.3  # the teacher's presence, below which a part of a face counts as none
BACKGROUNDS = {"scenes_without_faces": 12, "wider_train": 3}  # squares a picture
MOST_SCENES = 619
PAINTED_FACES = 1000  # of a set
PAINTED, PARTS = "painted", "background"
_WEARS = (Wear.WORN, Wear.WORN, Wear.WORN, Wear.BELOW_NOSE, Wear.CHIN)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeshFaces:
    """The faces of one set.

    Attributes:
        name: the set's name.
        share: how often its faces are drawn, relative to the other sets.
        masked: most wear a mask.
        crops: (n, SIDE, SIDE, 3) uint8 BGR: the face's region, upright, with a margin.
        points: (n, 468, 3) float32, the teacher's mesh in pixels of the crop.
        presence: (n,) float32, the teacher's.
        framing: (n, 4) float32, how the face was framed at first, see `training.mesh.framing`.
    """

    name: str
    share: float
    masked: bool
    crops: NDArray[np.uint8]
    points: F32
    presence: F32
    framing: F32

    def __len__(self) -> int:
        return len(self.crops)


def read_faces(data: Path, source: Source, *, limit: int | None = None) -> MeshFaces:
    """The faces of a set as the teacher sees them.

    Raises:
        training.data.DataError: the set is missing or malformed.
        FileNotFoundError: the teacher's network is missing.
    """

    def build() -> Arrays:
        teacher = FaceMesh()
        count, found = pictures(data, source, limit)
        parts = [_NO_FACES]
        parts += [
            taught(teacher, picture, regions)
            for picture, regions in over(found, count, f"mesh of {source.name}")
        ]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    arrays = cached(f"mesh-{source.name}", _key(data, source.name, source, limit), build)
    return MeshFaces(name=source.name, share=source.share, masked=source.masked, **arrays)


def taught(teacher: FaceMesh, picture: Frame, first: F32) -> Arrays:
    """The crops of the faces in `first` (n, 4) with the teacher's mesh; see `MeshFaces`."""
    mesh1, _ = teacher(picture, first)
    mesh2, presence2 = teacher(picture, regions_from_landmarks(mesh1))
    ideal = regions_from_landmarks(mesh2)
    mesh3, presence3 = teacher(picture, ideal)
    presence = np.minimum(presence2, presence3)
    # Where the teacher is lost, its region is of no use: the face is where it was found.
    ideal = np.where((presence < TRUSTED)[:, None], first, ideal).astype(np.float32)
    points = (mesh2.points + mesh3.points) / 2
    return {
        "crops": cut(picture, ideal),
        "points": to_crop(points, ideal),
        "presence": presence,
        "framing": framing.relative(first, ideal),
    }


def cut(picture: Frame, regions: F32) -> NDArray[np.uint8]:
    """Crops (n, SIDE, SIDE, 3) of regions with their margin."""
    crops = np.empty((len(regions), SIDE, SIDE, 3), np.uint8)
    for matrix, out in zip(_matrices(regions), crops, strict=True):
        # Averaged down where the face is large, as a camera that is further away would see it.
        scale = int(np.clip(np.hypot(matrix[0, 0], matrix[1, 0]), 1, 4))
        fine = np.array([matrix[:, 0] / scale, matrix[:, 1] / scale, matrix[:, 2]]).T
        crop = cv2.warpAffine(
            picture,
            fine.astype(np.float32),
            (SIDE * scale, SIDE * scale),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        out[:] = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return crops


def to_crop(points: F32, regions: F32) -> F32:
    """Points (n, 468, 3) from pixels of the picture to pixels of the crop."""
    matrices = _matrices(regions)
    flat = points[..., :2] - matrices[:, None, :, 2]
    out = np.empty_like(points)
    out[..., :2] = flat @ np.linalg.inv(matrices[:, :, :2]).transpose(0, 2, 1)
    out[..., 2] = points[..., 2] * (SIDE / (MARGIN * regions[:, 2:3]))
    return out


def _matrices(regions: F32) -> F32:
    return region_matrices(regions * np.array([1, 1, MARGIN, 1], np.float32), SIDE)


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


def read_backgrounds(data: Path, *, seed: int, limit: int | None = None) -> NDArray[np.uint8]:
    """Crops (n, SIDE, SIDE, 3) without a face, or with a part in which the teacher sees none.

    They are random squares, what the detector takes for a face in pictures that have none, and
    squares beside faces or inside of them: ears, hands, shoulders, cheeks.
    """

    def build() -> Arrays:
        rng, teacher = np.random.default_rng(seed), FaceMesh()
        crops = [np.zeros((0, SIDE, SIDE, 3), np.uint8)]
        for name, count in BACKGROUNDS.items():
            listed = (
                scenes.wider(data, name) if name == "wider_train" else scenes.without_faces(data)
            )
            listed = listed[thinned(len(listed), min(limit or MOST_SCENES, MOST_SCENES))]
            found = scenes.pictures(data, name, listed)
            for scene, picture in over(found, len(listed), f"backgrounds of {name}"):
                regions = _squares(picture, scene.xyxy, count, rng)
                if len(scene.xyxy) == 0:
                    regions = np.concatenate([regions, _mistaken(picture)])
                crops.append(cut(picture, regions))
                crops.append(_parts(teacher, picture, scene, rng))
        return {"crops": np.concatenate(crops)}

    return cached(f"mesh-{PARTS}", _key(data, "wider_train", PARTS, limit, seed), build)["crops"]


def _squares(picture: Frame, faces: F32, count: int, rng: np.random.Generator) -> F32:
    """Random regions that touch no face."""
    height, width = picture.shape[:2]
    side = np.exp(rng.uniform(np.log(24), np.log(min(height, width)), count))
    x, y = rng.uniform(0, width, count), rng.uniform(0, height, count)
    boxes = np.stack([x - side / 2, y - side / 2, x + side / 2, y + side / 2], axis=1)
    boxes = boxes.astype(np.float32)
    large = faces[(faces[:, 2:] - faces[:, :2]).min(axis=1, initial=1e9) > 8]
    free = overlap_of_smaller(boxes, large).max(axis=1, initial=0) < 0.1
    turn = rng.normal(0, 0.3, count)
    return np.asarray(np.column_stack([x, y, side, turn])[free], np.float32)


def _mistaken(picture: Frame) -> F32:
    """Regions of what the detector takes for faces in a picture without any."""
    found = _detector().detect(picture, min_score=0.1)
    return regions_from_boxes(found.xyxy, found.keypoints)


def _parts(
    teacher: FaceMesh, picture: Frame, scene: scenes.Scene, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Squares beside faces and inside of them, in which the teacher sees no face."""
    ideal = regions_from_boxes(scene.xyxy[~scene.invalid & (scene.side_px > 24)])
    ideal = ideal[:6]
    n = len(ideal)
    towards = rng.uniform(0, 2 * np.pi, n)
    inside = rng.random(n) < 0.4
    far = np.where(inside, rng.uniform(0, 0.25, n), rng.uniform(0.4, 1.0, n))
    scale = np.where(inside, rng.uniform(-1.6, -0.9, n), rng.normal(0, 0.3, n))
    errors = [np.cos(towards) * far, np.sin(towards) * far, scale, rng.normal(0, 0.2, n)]
    regions = framing.displaced(ideal, np.column_stack(errors).astype(np.float32))
    # A square beside one face may show another: no part then.
    _, presence = teacher(picture, regions)
    return cut(picture, regions[presence < PARTS_BELOW])


def _detector() -> Any:
    if not _DETECTORS:
        _DETECTORS.append(create_detector(DETECTOR))
    return _DETECTORS[0]


_DETECTORS: list[Any] = []
_NO_FACES: Arrays = {
    "crops": np.zeros((0, SIDE, SIDE, 3), np.uint8),
    "points": Landmarks.empty(MESH468).points,
    "presence": np.zeros(0, np.float32),
    "framing": np.zeros((0, 4), np.float32),
}


def _key(data: Path, archive: str, *more: Any) -> dict[str, Any]:
    """What the cached arrays depend on: pictures, code, and weights of teacher and detector."""
    with Archive(data, archive) as opened:
        fingerprint = opened.fingerprint()
    code = [Path(str(module.__file__)) for module in (mesh, region)]
    weights = [network_path(MESH_NETWORK), *detector_entry(DETECTOR).files()]
    settings = [(m.under, m.detected, m.most) if isinstance(m, Source) else m for m in more]
    return {
        "data": fingerprint,
        "settings": settings,
        "cut": [SIDE, MARGIN, TRUSTED],
        "code": sha256_of(code),
        "weights": sha256_of(weights),
    }


def read_all(
    data: Path, *, seed: int, limit: int | None = None
) -> tuple[list[MeshFaces], NDArray[np.uint8]]:
    """All faces and backgrounds to train on; sets that are missing are an error."""
    faces = [read_faces(data, source, limit=limit) for source in sources.SOURCES]
    bare = [f for f in faces if f.name in ("utkface", "landmarks_300w", "lfw_gender")]
    painted = [paint_masks(f, PAINTED_FACES, 0.06, seed) for f in bare]
    return [*faces, *painted], read_backgrounds(data, seed=seed, limit=limit)
