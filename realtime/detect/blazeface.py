"""BlazeFace, short and full range, from the networks in MediaPipe's wheel.

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


@dataclass(frozen=True, slots=True)
class BlazeFaceSpec:
    """One BlazeFace network: its file, its input side in pixels, its (stride, anchors) levels."""

    file: str
    side: int
    levels: tuple[tuple[int, int], ...]


SHORT_RANGE = BlazeFaceSpec("face_detection/face_detection_short_range", 128, ((8, 2), (16, 6)))
FULL_RANGE = BlazeFaceSpec("face_detection/face_detection_full_range_sparse", 192, ((4, 1),))


class BlazeFace:
    """A BlazeFace detector; the picture is letterboxed into the network's square input."""

    def __init__(self, spec: BlazeFaceSpec, *, threads: int = 1) -> None:
        self._spec = spec
        self._network = LiteRTModel(network_path(spec.file), threads=threads)
        self._anchors = anchor_centres(spec)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first, with six key points each."""
        picture, scale, offset = letterbox(frame_bgr, self._spec.side)
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
    """Anchor centres in pixels of the network's input, (anchors, 2), in the network's order."""
    levels = []
    for stride, per_cell in spec.levels:
        cells = -(-spec.side // stride)
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (spec.side / cells)
        y, x = np.meshgrid(centres, centres, indexing="ij")
        grid = np.stack([x, y], axis=-1).reshape(-1, 2)
        levels.append(np.repeat(grid, per_cell, axis=0))
    return np.concatenate(levels)


def letterbox(frame_bgr: Frame, side: int) -> tuple[F32, float, tuple[float, float]]:
    """Fit a picture into a black square, to the subpixel as MediaPipe's image_to_tensor does.

    Returns:
        (side, side, 3) RGB float32 from -1 to 1, the scale, and the (x, y) offset of the picture
        in the square: `square = frame * scale + offset`.
    """
    height, width = frame_bgr.shape[:2]
    scale = side / max(height, width)
    left, top = (side - width * scale) / 2, (side - height * scale) / 2
    picture, shrunk = frame_bgr, max(1, int(0.5 / scale))
    if shrunk > 1:
        # Bilinear sampling alone would skip pixels here, and small faces with them.
        size_wh = (max(1, width // shrunk), max(1, height // shrunk))
        picture = np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    x_scale, y_scale = scale * width / picture.shape[1], scale * height / picture.shape[0]
    square = cv2.warpAffine(
        picture, np.array([[x_scale, 0, left], [0, y_scale, top]], np.float32), (side, side)
    )
    rgb = cv2.cvtColor(square, cv2.COLOR_BGR2RGB).astype(np.float32)
    rgb *= 1 / 127.5
    rgb -= 1
    return rgb, scale, (left, top)
