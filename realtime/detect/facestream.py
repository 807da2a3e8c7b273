"""FaceStream's own detector: anchor-free, with five key points, for any input size.

`training/detector` trains it; docs/detection.md compares it with the other detectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np

import models
from realtime.core.faces import F32, Faces, Frame
from realtime.detect.suppress import suppress_contained, weighted_nms
from realtime.inference.litert import DynamicLiteRTModel
from realtime.inference.stepwise import StepwiseModel

STRIDES = (8, 16, 32)
KEYPOINTS = 5  # right eye, left eye, nose tip, right and left corner of the mouth
MAX_IOU = 0.45
MAX_CONTAINED_SHARE = 0.7  # of a box inside another; above this it is part of the same face
MAX_UPSCALE = 1.5  # 2 gives more false positives and no more faces
STEPS = 5  # of one size in a stream, each about as long as the rest of a frame with one face
MAX_CANDIDATES = 1000  # before suppression; enough for a scene with a thousand faces


class FaceStreamDetector:
    """The network in `models/detector`, run on the picture at one or several sizes.

    Args:
        sizes_px: longer sides to which the picture is resized, ascending. Large sizes find distant
            faces, small ones faces that fill the picture. Small pictures are enlarged by up to
            `MAX_UPSCALE`, to find their small faces.
        threads: threads the network may use.
        path: another network with the same inputs and outputs, for example during training.

    Raises:
        models.ModelError: the network is missing or does not match its card.
    """

    def __init__(
        self, sizes_px: Sequence[int], *, threads: int = 1, path: Path | None = None
    ) -> None:
        self._sizes_px = sizes_px
        self._path, self._threads = path or network_file(), threads
        self._network = DynamicLiteRTModel(self._path, threads=threads)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces with key points (n, 5, 2); see `realtime.detect.types.Detector`."""
        parts = []
        for size in self._sizes_for(frame_bgr):
            picture, scale = resize_and_pad(frame_bgr, size)
            parts.append(_decode(self._network(picture[None]), scale, min_score))
        return _merge(parts, frame_bgr.shape[:2])

    def detect_in_steps(self, frame_bgr: Frame, *, min_score: float) -> Iterator[Faces | None]:
        """The same in `STEPS` steps a size; see `realtime.detect.types.StepwiseDetector`."""
        pictures = [resize_and_pad(frame_bgr, size) for size in self._sizes_for(frame_bgr)]
        frame_hw, parts = frame_bgr.shape[:2], list[Faces]()
        for k, (picture, scale) in enumerate(pictures):
            for outputs in self._stepwise.run(picture[None]):
                if outputs is not None:
                    parts.append(_decode(outputs, scale, min_score))
                if outputs is None or k + 1 < len(pictures):
                    yield None
        yield _merge(parts, frame_hw)

    @cached_property
    def _stepwise(self) -> StepwiseModel:
        return StepwiseModel(self._path, steps=STEPS, threads=self._threads)

    def _sizes_for(self, frame_bgr: Frame) -> list[int]:
        longer_side = max(frame_bgr.shape[:2])
        # One size above the picture's own is enough: larger ones would add no detail.
        larger = [size for size in self._sizes_px if size >= longer_side]
        return [size for size in self._sizes_px if size < longer_side] + larger[:1]


def _decode(maps: list[F32], scale: F32, min_score: float) -> Faces:
    """The network's outputs as faces in pixels of the frame."""
    levels = sorted(maps, key=lambda m: -m.shape[1])
    faces = decode([level[0] for level in levels], min_score=min_score)
    assert faces.keypoints is not None
    return faces.with_(
        xyxy=(faces.xyxy / np.tile(scale, 2)).astype(np.float32),
        keypoints=(faces.keypoints / scale).astype(np.float32),
    )


def _merge(parts: list[Faces], frame_hw: tuple[int, ...]) -> Faces:
    """The faces that the network found at several sizes, each once, within the frame."""
    parts = [faces for faces in parts if len(faces)] or parts[:1]
    faces = parts[0]
    if len(parts) > 1:
        faces = weighted_nms(Faces.concatenate(parts), max_iou=MAX_IOU)
    faces = suppress_contained(faces, max_share=MAX_CONTAINED_SHARE)
    height, width = frame_hw
    limits = np.array([width, height, width, height], np.float32)
    return faces.with_(xyxy=np.clip(faces.xyxy, 0, limits).astype(np.float32))


def network_file() -> Path:
    """The path of the network in `models/detector`.

    Raises:
        models.ModelError: it is missing or does not match its card.
    """
    return models.load("detector").path


def resize_and_pad(frame_bgr: Frame, longer_side_px: int) -> tuple[F32, F32]:
    """Resize a picture and pad it with gray, right and below, to whole cells of 32 pixels.

    Args:
        frame_bgr: (h, w, 3) uint8.
        longer_side_px: the longer side after resizing, unless `MAX_UPSCALE` limits it.

    Returns:
        (h, w, 3) float32 BGR from 0 to 255, h and w multiples of 32, and the (2,) factors from x
        and y of the frame to x and y of the result.
    """
    height, width = frame_bgr.shape[:2]
    scale = min(MAX_UPSCALE, longer_side_px / max(height, width))
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    picture = frame_bgr
    if (new_width, new_height) != (width, height):
        # Area averaging preserves small faces; bilinear sampling would skip pixels below 0.6.
        method = cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
        resized = cv2.resize(frame_bgr, (new_width, new_height), interpolation=method)
        picture = np.asarray(resized, np.uint8)
    cell = STRIDES[-1]
    padded_hw = (-(-new_height // cell) * cell, -(-new_width // cell) * cell)
    padded = np.full((*padded_hw, 3), 114, np.float32)
    padded[:new_height, :new_width] = picture
    return padded, np.array([new_width / width, new_height / height], np.float32)


def decode(maps: list[F32], *, min_score: float) -> Faces:
    """Convert the network's outputs to faces and apply weighted NMS.

    Args:
        maps: one (h / s, w / s, 15) array for each stride s in `STRIDES`. The channels are the
            score's logit, the box centre relative to the cell's centre, the logarithms of its width
            and height, and five key points relative to the cell's centre, all in strides.
        min_score: confidence threshold, 0 to 1.

    Returns:
        Faces in pixels of the network's input, best first.
    """
    min_logit = -math.inf if min_score <= 0 else _logit(min(min_score, 1 - 1e-6))
    rows, origins, steps = [], [], []
    for stride, level in zip(STRIDES, maps, strict=True):
        flat = level.reshape(-1, level.shape[-1])
        above = np.flatnonzero(flat[:, 0] >= min_logit)
        centres = cell_centres(level.shape[0] * stride, level.shape[1] * stride, stride)
        rows.append(flat[above])
        origins.append(centres[above])
        steps.append(np.full(len(above), stride, np.float32))
    row, origin, step = np.concatenate(rows), np.concatenate(origins), np.concatenate(steps)
    if len(row) > MAX_CANDIDATES:
        best = np.argpartition(-row[:, 0], MAX_CANDIDATES)[:MAX_CANDIDATES]
        row, origin, step = row[best], origin[best], step[best]
    centre = origin + row[:, 1:3] * step[:, None]
    half = np.exp(np.clip(row[:, 3:5], -4, 6)) * step[:, None] / 2
    points = row[:, 5:].reshape(-1, KEYPOINTS, 2) * step[:, None, None] + origin[:, None]
    faces = Faces(
        xyxy=np.concatenate([centre - half, centre + half], axis=1).astype(np.float32),
        score=(1 / (1 + np.exp(-np.clip(row[:, 0], -80, 80)))).astype(np.float32),
        keypoints=points.astype(np.float32),
    )
    return weighted_nms(faces, max_iou=MAX_IOU)


@lru_cache(maxsize=32)
def cell_centres(height: int, width: int, stride: int) -> F32:
    """Centres (cells, 2) of a stride's cells in pixels, row by row; read-only."""
    y, x = np.mgrid[0 : height // stride, 0 : width // stride]
    centres = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * stride
    result: F32 = centres.astype(np.float32)
    result.flags.writeable = False
    return result


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
