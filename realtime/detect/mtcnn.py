"""MTCNN: a cascade of three small networks, each refining the proposals of the one before.

Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks,
https://arxiv.org/abs/1604.02878; networks and cascade from the `mtcnn` package.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np

from realtime.core.faces import F32, Faces, Frame

MIN_SIDE_PX = 12  # the first network's window; smaller pictures have no faces


@dataclass(frozen=True, slots=True)
class MtcnnThresholds:
    """Confidence thresholds of the first two networks, 0 to 1; the third's is `min_score`.

    Attributes:
        propose: of the first network (P-Net), which scans the whole image pyramid.
        refine: of the second (R-Net), which filters the first one's proposals.

    Raises:
        ValueError: a threshold is not between 0 and 1.
    """

    propose: float = 0.6
    refine: float = 0.7

    def __post_init__(self) -> None:
        for name in ("propose", "refine"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be between 0 and 1, got {getattr(self, name)}")


class Mtcnn:
    """Detects faces of at least 20 px, with five key points each.

    The key points are right eye, left eye, nose tip, and right and left corner of the mouth.

    The first instance imports the package and TensorFlow with it, which takes seconds. All
    instances share one set of networks.
    """

    def __init__(self, thresholds: MtcnnThresholds | None = None) -> None:
        self._thresholds = thresholds or MtcnnThresholds()
        self._networks, self._lock = _networks()

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces with key points (n, 5, 2); see `realtime.detect.types.Detector`."""
        if min(frame_bgr.shape[:2]) < MIN_SIDE_PX:
            return _faces(np.zeros((0, 16), np.float32))
        rgb = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB)
        with self._lock:
            rows = self._networks.detect_faces(
                rgb,
                fit_to_image=False,
                box_format="xyxy",
                output_type="numpy",
                threshold_pnet=self._thresholds.propose,
                threshold_rnet=self._thresholds.refine,
                threshold_onet=min_score,
            )
        detections = np.asarray(rows, np.float32).reshape(-1, 16)
        return _faces(detections[np.argsort(-detections[:, 5], kind="stable")])


def weight_files() -> list[Path]:
    """Paths of the three networks, located without importing the package."""
    spec = importlib.util.find_spec("mtcnn")
    folders = spec.submodule_search_locations if spec else None
    return sorted(Path(folders[0]).glob("assets/weights/*.lz4")) if folders else []


@cache
def _networks() -> tuple[Any, Lock]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Importing WebRTC's SRTP library after TensorFlow crashes the process: import it first.
    with contextlib.suppress(ImportError):
        import pylibsrtp  # noqa: F401

    from mtcnn import MTCNN

    return MTCNN(), Lock()


def _faces(rows: F32) -> Faces:
    """Faces from rows (n, 16): picture, box, score, five x, five y."""
    return Faces(
        xyxy=rows[:, 1:5],
        score=rows[:, 5],
        keypoints=np.stack([rows[:, 6:11], rows[:, 11:16]], axis=2),
    )
