"""The privacy blur: every place where a face may be, whether it is followed yet or not."""

from __future__ import annotations

from collections import deque

import numpy as np

from realtime.draw import blur_faces
from realtime.faces import F32, Faces, Frame
from realtime.networks import Networks

MIN_SCORE = 0.3  # lower than what counts as a face: here a miss costs more than a false alarm
HOLD_S = 0.5  # a place stays blurred for so long after the last sight of a face there


class PrivacyBlur:
    """Blurs on every frame what the detector sees in that frame, and what was there just before.

    The pipeline alone would not do: it detects a few times a second and reports a face only once
    it is certain of it, so a person who walks in would be seen for some frames.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._places: deque[tuple[float, F32]] = deque()

    def apply(self, frame_bgr: Frame, faces: Faces, detector: str, now_s: float) -> None:
        """Blur the frame itself.

        Args:
            frame_bgr: (h, w, 3) uint8, still unblurred.
            faces: what the pipeline reports for this frame.
            detector: a name in `realtime.detect.DETECTORS`.
            now_s: when the frame was captured.
        """
        found = self._networks.detector(detector).detect(frame_bgr, min_score=MIN_SCORE)
        self._places.append((now_s, np.concatenate([faces.xyxy, found.xyxy])))
        while now_s - self._places[0][0] > HOLD_S:
            self._places.popleft()
        boxes = np.concatenate([boxes for _, boxes in self._places])
        # A face at rest gives almost the same box on each frame: blur each place once.
        blur_faces(frame_bgr, np.unique(np.rint(boxes / 8) * 8, axis=0).astype(np.float32))
