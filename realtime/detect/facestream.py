"""The project's own detector: anchor-free, five key points, any input size, trained here.

See `training/detector` for how it is made and docs/detection.md for what it is worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

import models
from realtime.core.faces import F32, Faces, Frame
from realtime.detect.suppress import nms, suppress_contained, weighted_nms
from realtime.inference.litert import SizedLiteRTModel

STRIDES = (8, 16, 32)
KEYPOINTS = 5  # right eye, left eye, nose tip, right and left corner of the mouth
MAX_IOU = 0.45
MOST_CONTAINED = 0.7  # of a face within another: more, and it is a part of it
MOST_ENLARGED = 1.5  # twice gives more false alarms and finds no more
MOST_ANSWERS = 1000  # the surest cells that are looked at; a scene of a thousand faces has as many


class FaceStreamDetector:
    """The detector of `models/detector`, on a picture brought to one size or to several.

    Args:
        sizes_px: the longer sides that the picture is brought to, rising. Far faces are found on a
            large one, faces that fill the picture on a small one. A small picture is enlarged, by
            `MOST_ENLARGED` at most: its small faces are then found.
        threads: threads the network may use.
        path: another network of the same kind, one in training for instance.

    Raises:
        models.ModelError: the network is missing or not what its card says.
    """

    def __init__(
        self, sizes_px: Sequence[int], *, threads: int = 1, path: Path | None = None
    ) -> None:
        self._sizes_px = sizes_px
        self._network = SizedLiteRTModel(path or network_file(), threads=threads)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first, with five key points each."""
        longest = max(frame_bgr.shape[:2])
        # One size over the picture's own is enough: the others would show hardly more of it.
        larger = [size for size in self._sizes_px if size >= longest]
        sizes = [size for size in self._sizes_px if size < longest] + larger[:1]
        found = [self._at(frame_bgr, size, min_score) for size in sizes]
        found = [faces for faces in found if len(faces)] or found[:1]
        faces = found[0]
        if len(found) > 1:
            faces = Faces.concatenate(found)
            faces = faces[nms(faces.xyxy, faces.score, max_iou=MAX_IOU)]
        faces = suppress_contained(faces, max_share=MOST_CONTAINED)
        height, width = frame_bgr.shape[:2]
        inside = np.array([width, height, width, height], np.float32)
        return faces.with_(xyxy=np.clip(faces.xyxy, 0, inside).astype(np.float32))

    def _at(self, frame_bgr: Frame, longest_px: int, min_score: float) -> Faces:
        picture, scale = fitted(frame_bgr, longest_px)
        maps = sorted(self._network(picture[None]), key=lambda m: -m.shape[1])
        faces = decode([m[0] for m in maps], min_score=min_score)
        assert faces.keypoints is not None
        return faces.with_(
            xyxy=(faces.xyxy / np.tile(scale, 2)).astype(np.float32),
            keypoints=(faces.keypoints / scale).astype(np.float32),
        )


def network_file() -> Path:
    """The shipped network.

    Raises:
        models.ModelError: it is missing or not what its card says.
    """
    return models.load("detector").path


def fitted(frame_bgr: Frame, longest_px: int) -> tuple[F32, F32]:
    """The picture brought to the longest side, gray to the right of it and below to whole cells.

    Returns:
        (h, w, 3) float32 BGR 0..255, h and w multiples of 32, and what x and y of the frame
        are multiplied by to give pixels of it: (2,).
    """
    height, width = frame_bgr.shape[:2]
    scale = min(MOST_ENLARGED, longest_px / max(height, width))
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    picture = frame_bgr
    if (wide, high) != (width, height):
        # Averaging keeps small faces whole; linear sampling does where it skips no pixel.
        smooth = cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(frame_bgr, (wide, high), interpolation=smooth), np.uint8)
    cell = STRIDES[-1]
    padded = np.full((-(-high // cell) * cell, -(-wide // cell) * cell, 3), 114, np.float32)
    padded[:high, :wide] = picture
    return padded, np.array([wide / width, high / height], np.float32)


def decode(maps: list[F32], *, min_score: float) -> Faces:
    """Faces in pixels of the input, from one map (h / s, w / s, 15) for each stride s.

    The channels are the score's logit, the centre from the cell's own, the logarithms of width and
    height, and five points from the cell's centre, all in strides.
    """
    least = -math.inf if min_score <= 0 else _logit(min(min_score, 1 - 1e-6))
    rows, origins, steps = [], [], []
    for stride, level in zip(STRIDES, maps, strict=True):
        flat = level.reshape(-1, level.shape[-1])
        sure = np.flatnonzero(flat[:, 0] >= least)
        rows.append(flat[sure])
        origins.append(cell_centres(level.shape[0] * stride, level.shape[1] * stride, stride)[sure])
        steps.append(np.full(len(sure), stride, np.float32))
    row, origin, step = np.concatenate(rows), np.concatenate(origins), np.concatenate(steps)
    if len(row) > MOST_ANSWERS:
        surest = np.argpartition(-row[:, 0], MOST_ANSWERS)[:MOST_ANSWERS]
        row, origin, step = row[surest], origin[surest], step[surest]
    middle = origin + row[:, 1:3] * step[:, None]
    half = np.exp(np.clip(row[:, 3:5], -4, 6)) * step[:, None] / 2
    points = row[:, 5:].reshape(-1, KEYPOINTS, 2) * step[:, None, None] + origin[:, None]
    faces = Faces(
        xyxy=np.concatenate([middle - half, middle + half], axis=1).astype(np.float32),
        score=(1 / (1 + np.exp(-np.clip(row[:, 0], -80, 80)))).astype(np.float32),
        keypoints=points.astype(np.float32),
    )
    return weighted_nms(faces, max_iou=MAX_IOU)


@lru_cache(maxsize=32)
def cell_centres(height: int, width: int, stride: int) -> F32:
    """The centres of all cells of a stride, row by row: (cells, 2), x and y in pixels."""
    y, x = np.mgrid[0 : height // stride, 0 : width // stride]
    centres = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * stride
    result: F32 = centres.astype(np.float32)
    result.flags.writeable = False
    return result


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
