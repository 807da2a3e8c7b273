"""BlazeFace, short and full range, with the networks from MediaPipe's wheel.

BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, https://arxiv.org/abs/1907.05047.
Anchors, decoding and thresholds follow MediaPipe 0.10.21, modules/face_detection.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.faces import F32, Faces, Frame
from realtime.detect.suppress import weighted_nms
from realtime.inference.litert import LiteRTModel
from realtime.inference.mediapipe_files import network_path

MAX_IOU = 0.3
KEYPOINTS = 6  # right eye, left eye, nose tip, mouth, right ear, left ear


@dataclass(frozen=True, slots=True, kw_only=True)
class BlazeFaceSpec:
    """A BlazeFace network.

    Attributes:
        file: its name in MediaPipe's wheel, see `realtime.inference.mediapipe_files.network_path`.
        side_px: side of its square input.
        levels: (stride in pixels, anchors per cell) of each output level.
    """

    file: str
    side_px: int
    levels: tuple[tuple[int, int], ...]


SPECS = {
    "short": BlazeFaceSpec(
        file="face_detection/face_detection_short_range",
        side_px=128,
        levels=((8, 2), (16, 6)),
    ),
    "full": BlazeFaceSpec(
        file="face_detection/face_detection_full_range_sparse",
        side_px=192,
        levels=((4, 1),),
    ),
}


class BlazeFace:
    """A BlazeFace detector.

    Args:
        spec: the network.
        threads: threads the network may use.

    Raises:
        FileNotFoundError: MediaPipe is not installed or lacks the network.
    """

    def __init__(self, spec: BlazeFaceSpec, *, threads: int = 1) -> None:
        self._spec = spec
        self._network = LiteRTModel(network_path(spec.file), threads=threads)
        self._anchors = anchor_centres(spec)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces with key points (n, 6, 2); see `realtime.detect.types.Detector`."""
        picture, scale, offset = letterbox(frame_bgr, self._spec.side_px)
        raw, logit = self._network(picture[None])
        score = 1 / (1 + np.exp(-np.clip(logit[0, :, 0], -80, 80)))
        candidates = score >= min_score
        if not candidates.any():
            return Faces.empty().with_(keypoints=np.zeros((0, KEYPOINTS, 2), np.float32))
        raw, centre = raw[0, candidates], self._anchors[candidates]
        box_centre = raw[:, 0:2] + centre
        half = raw[:, 2:4] / 2
        xyxy = np.concatenate([box_centre - half, box_centre + half], axis=1)
        points = raw[:, 4:].reshape(-1, KEYPOINTS, 2) + centre[:, None]
        shift = np.asarray(offset, np.float32)
        faces = Faces(
            xyxy=((xyxy - np.tile(shift, 2)) / scale).astype(np.float32),
            score=score[candidates].astype(np.float32),
            keypoints=((points - shift) / scale).astype(np.float32),
        )
        return weighted_nms(faces, max_iou=MAX_IOU)


def anchor_centres(spec: BlazeFaceSpec) -> F32:
    """Anchor centres (anchors, 2) in pixels of the network's input, in the network's order."""
    levels = []
    for stride, per_cell in spec.levels:
        cells = -(-spec.side_px // stride)
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (spec.side_px / cells)
        y, x = np.meshgrid(centres, centres, indexing="ij")
        grid = np.stack([x, y], axis=-1).reshape(-1, 2)
        levels.append(np.repeat(grid, per_cell, axis=0))
    return np.concatenate(levels)


def letterbox(frame_bgr: Frame, side_px: int) -> tuple[F32, float, tuple[float, float]]:
    """Scale a picture into a square with black borders, as MediaPipe's image_to_tensor does.

    Args:
        frame_bgr: (h, w, 3) uint8.
        side_px: side of the square.

    Returns:
        (side, side, 3) RGB float32 from -1 to 1, the scale, and the (x, y) offset of the picture
        in the square: `square = frame * scale + offset`.
    """
    height, width = frame_bgr.shape[:2]
    scale = side_px / max(height, width)
    left, top = (side_px - width * scale) / 2, (side_px - height * scale) / 2
    picture, reduction = frame_bgr, max(1, int(0.5 / scale))
    if reduction > 1:
        # Bilinear sampling alone would skip pixels, and small faces with them.
        size_wh = (max(1, width // reduction), max(1, height // reduction))
        picture = np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    x_scale, y_scale = scale * width / picture.shape[1], scale * height / picture.shape[0]
    matrix = np.array([[x_scale, 0, left], [0, y_scale, top]], np.float32)
    square = cv2.warpAffine(picture, matrix, (side_px, side_px))
    rgb = cv2.cvtColor(square, cv2.COLOR_BGR2RGB).astype(np.float32)
    rgb *= 1 / 127.5
    rgb -= 1
    return rgb, scale, (left, top)
