"""MTCNN: three small networks, each looking closer at what the one before it proposed.

Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks,
https://arxiv.org/abs/1604.02878; networks and cascade of the `mtcnn` package.
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

from realtime.core.faces import Faces, Frame

KEYPOINTS = 5  # right eye, left eye, nose tip, right and left corner of the mouth
MIN_SIDE_PX = 12  # of a picture: the first network's window


@dataclass(frozen=True, slots=True)
class MtcnnThresholds:
    """How sure the first two networks must be to pass a place on; the third's is `min_score`.

    Attributes:
        propose: of the first network, which looks at every place of every size.
        refine: of the second, which looks at what the first proposed.
    """

    propose: float = 0.6
    refine: float = 0.7

    def __post_init__(self) -> None:
        for name in ("propose", "refine"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")


class Mtcnn:
    """Finds faces from 20 pixels on, with five key points each.

    The package imports TensorFlow, which takes seconds: it is imported with the first of these.
    All share one set of networks.
    """

    def __init__(self, thresholds: MtcnnThresholds | None = None) -> None:
        self._thresholds = thresholds or MtcnnThresholds()
        self._networks, self._lock = _networks()

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first, with five key points each."""
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
        found = np.asarray(rows, np.float32).reshape(-1, 16)
        return _faces(found[np.argsort(-found[:, 5], kind="stable")])


def weight_files() -> list[Path]:
    """The files of the three networks, found without importing the package."""
    spec = importlib.util.find_spec("mtcnn")
    folders = spec.submodule_search_locations if spec else None
    return sorted(Path(folders[0]).glob("assets/weights/*.lz4")) if folders else []


@cache
def _networks() -> tuple[Any, Lock]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The live stream's SRTP library crashes the process where TensorFlow came before it.
    with contextlib.suppress(ImportError):
        import pylibsrtp  # noqa: F401

    from mtcnn import MTCNN

    return MTCNN(), Lock()


def _faces(rows: np.ndarray[Any, np.dtype[np.float32]]) -> Faces:
    """Rows of picture, box, score, five x, five y."""
    return Faces(
        xyxy=rows[:, 1:5],
        score=rows[:, 5],
        keypoints=np.stack([rows[:, 6:11], rows[:, 11:16]], axis=2),
    )
