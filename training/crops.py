"""Aligned face crops of a data set, cut by the pipeline's own code, and a cache for them.

Crops are cut as in the live pipeline: box, mesh, a second mesh pass on the region of the first,
five points, crop. The crops of a set are cached as an npz file in runs/cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from realtime.attribute import quality
from realtime.attribute.quality import yaw_deg
from realtime.core.faces import F32, Frame
from realtime.core.landmarks import Landmarks
from realtime.detect import Detector, blazeface, create_detector, detector_entry
from realtime.landmark import align, facestream_mesh, region
from realtime.landmark.align import crop_matrices, cut_crops
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from training.progress import over

CACHE = Path("runs/cache")
DETECTOR = "blazeface-short"
Arrays = dict[str, NDArray[Any]]
# Mesh points stored with each crop so that a mask can be painted on the face: the jaw from the
# person's right ear to the left ear, nose bridge to below the tip, lips, and both cheeks.
JAW = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),
    *(377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
)
OUTLINE = (*JAW, 6, 197, 195, 1, 2, 13, 17, 117, 346)
_NOTHING = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class CropSpec:
    """How crops are cut.

    Attributes:
        side_px: side of the square crop.
        zoom: framing, as in `realtime.landmark.align.crop_matrices`.
        gray: convert to one channel.
    """

    side_px: int
    zoom: float
    gray: bool

    def widened(self, factor: float) -> CropSpec:
        """The same scale with a margin, so that augmentation can shift and rotate."""
        side = round(self.side_px * factor / 2) * 2
        return CropSpec(side, self.zoom * self.side_px / side, self.gray)


class Cropper:
    """Cuts aligned crops as the live pipeline does."""

    def __init__(self, spec: CropSpec) -> None:
        self.spec = spec
        self._mesh = FaceStreamMesh()

    @cached_property
    def _detector(self) -> Detector:
        return create_detector(DETECTOR)

    def landmarks(self, picture: Frame, boxes: F32) -> tuple[Landmarks, F32]:
        """Mesh and presence (n,) of the faces in `boxes` (n, 4), after two passes."""
        first, _ = self._mesh(picture, regions_from_boxes(boxes))
        return self._mesh(picture, regions_from_landmarks(first))

    def __call__(self, picture: Frame, boxes: F32) -> Arrays:
        """Crop the faces in `boxes` (n, 4); returns the keys of `cut_all` except `picture`."""
        landmarks, presence = self.landmarks(picture, boxes)
        return self.cut(picture, landmarks, presence, np.arange(len(boxes)))

    def cut(
        self, picture: Frame, landmarks: Landmarks, presence: F32, box: NDArray[np.int64]
    ) -> Arrays:
        """Crop faces by their mesh; `box` (n,) and `presence` (n,) are copied."""
        side = self.spec.side_px
        matrices = crop_matrices(landmarks.five(), side, zoom=self.spec.zoom)
        crops = cut_crops(picture, matrices, side)
        outline = landmarks.xy[:, OUTLINE] @ matrices[:, :, :2].transpose(0, 2, 1)
        return {
            "crops": to_gray(crops) if self.spec.gray else crops,
            "presence": presence,
            "box": box,
            "outline": outline + matrices[:, None, :, 2],
            "yaw_deg": yaw_deg(landmarks),
        }

    def largest_box(self, picture: Frame) -> F32:
        """The box (1, 4) of the largest detected face, or the whole picture if there is none."""
        boxes = self._detector.detect(picture, min_score=0.5).xyxy
        if len(boxes) == 0:
            return whole_box(picture)
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        return boxes[[int(area.argmax())]]


def to_gray(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, h, w, 3) BGR to (n, h, w, 1) gray."""
    gray = np.empty((*crops.shape[:3], 1), np.uint8)
    for crop, out in zip(crops, gray, strict=True):
        out[..., 0] = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return gray


def centre(crops: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """Crops without their margin, as the live pipeline cuts them."""
    edge = (crops.shape[1] - side_px) // 2
    return crops[:, edge : edge + side_px, edge : edge + side_px]


def whole_box(picture: Frame, inset: float = 0.05) -> F32:
    """The picture's bounding box (1, 4), inset by a share of each side."""
    h, w = picture.shape[:2]
    return np.array([[w * inset, h * inset, w * (1 - inset), h * (1 - inset)]], np.float32)


def cut_all(
    cropper: Cropper,
    items: Iterable[tuple[Frame, F32]],
    *,
    total: int,
    title: str,
) -> Arrays:
    """Crop every box of every (picture, boxes) pair.

    Args:
        cropper: how crops are cut.
        items: BGR pictures with their boxes (n, 4), xyxy.
        total: number of items, for the progress bar.
        title: label of the progress bar.

    Returns:
        Arrays by key: `crops` (m, side, side, c) uint8; `presence` (m,) float32, the mesh's
        confidence; `outline` (m, 30, 2) float32, the mesh points `OUTLINE` in crop pixels;
        `yaw_deg` (m,) float32; `picture` (m,) int64, the index in `items`; `box` (m,) int64, the
        index in the picture's boxes.
    """
    parts: list[Arrays] = []
    for i, (picture, boxes) in enumerate(over(items, total, title)):
        part = cropper(picture, boxes)
        parts.append({**part, "picture": np.full(len(part["crops"]), i)})
    if not parts:
        parts.append(
            {**cropper(_NOTHING, np.zeros((0, 4), np.float32)), "picture": np.zeros(0, int)}
        )
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def cached(
    name: str, settings: Mapping[str, Any], build: Callable[[], Arrays], *, folder: Path = CACHE
) -> Arrays:
    """The arrays that `build` returns, cached on disk.

    Args:
        name: start of the cache file's name.
        settings: the cache key; everything the arrays depend on.
        build: makes the arrays.
        folder: the cache folder.
    """
    text = json.dumps(settings, sort_keys=True, default=str)
    path = folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.npz"
    if path.is_file():
        with np.load(path) as stored:
            return {key: stored[key] for key in stored.files}
    arrays = build()
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, **arrays)
    part.replace(path)
    return arrays


def cache_key(spec: CropSpec, data: str, **more: Any) -> dict[str, Any]:
    """Everything that crops depend on: geometry, data, and the code and weights that cut them.

    Args:
        spec: how they are cut.
        data: fingerprint of the pictures.
        more: whatever else the crops depend on.
    """
    modules = (align, facestream_mesh, region, quality, blazeface)
    weights = [models.load(facestream_mesh.NAME).path, *detector_entry(DETECTOR).files()]
    return {
        **asdict(spec),
        **more,
        "data": data,
        "points": OUTLINE,
        "code": sha256_of([Path(str(module.__file__)) for module in modules]),
        "weights": sha256_of(weights),
    }


def sha256_of(files: Iterable[Path]) -> str:
    """SHA-256 of the concatenated files."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
