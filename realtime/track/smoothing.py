"""Landmarks and measures of followed faces over time: smoothed, and blinks counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.landmark.blink import BlinkCounter
from realtime.landmark.measures import measure
from realtime.track.filters import OneEuroFilter

FORGET_S = 2.0  # longer than a tracker remembers a lost face
# The unit of speed for the filter: a right angle per second for a head, and the full width per
# second for an eye or a mouth.
POSE_SIZE, OPENNESS_SIZE = 90.0, 1.0


@dataclass(slots=True)
class _FaceState:
    """The filters of one face."""

    seen_s: float = 0.0
    points: OneEuroFilter = field(default_factory=OneEuroFilter)
    # The points are smooth already: what jitter is left is slow for an angle.
    pose: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(1.0, 4.0))
    gaze: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(1.0, 4.0))
    openness: OneEuroFilter = field(default_factory=OneEuroFilter)
    blinks: BlinkCounter = field(default_factory=BlinkCounter)


class LandmarkSmoother:
    """Smooths landmarks and measures of one stream's faces, by track number."""

    def __init__(self) -> None:
        self._known: dict[int, _FaceState] = {}

    def with_landmarks(self, faces: Faces, landmarks: Landmarks, now_s: float) -> Faces:
        """The faces with these landmarks, smoothed, in place of their own."""
        smooth = np.empty_like(landmarks.points)
        for i, known in enumerate(self._states(faces, now_s)):
            size_px = float((faces.xyxy[i, 2:] - faces.xyxy[i, :2]).max())
            smooth[i] = known.points(landmarks.points[i], now_s, size_px=size_px)
        return faces.with_(landmarks=Landmarks(landmarks.topology, smooth))

    def measure(self, faces: Faces, size_wh: tuple[int, int], now_s: float) -> Faces:
        """The faces with head pose, openness of eyes and mouth, and the blinks so far."""
        faces = measure(faces, size_wh)
        pose, eyes, mouth = faces.pose_deg, faces.eye_open, faces.mouth_open
        assert pose is not None
        assert eyes is not None
        assert mouth is not None
        blinks = np.zeros(len(faces), np.int64)
        for i, known in enumerate(self._states(faces, now_s)):
            blinks[i] = known.blinks.update(float(eyes[i].mean()), now_s)
            if np.isfinite(pose[i]).all():
                pose[i] = known.pose(pose[i].copy(), now_s, size_px=POSE_SIZE)
            openness = np.append(eyes[i], mouth[i])
            eyes[i, 0], eyes[i, 1], mouth[i] = known.openness(
                openness, now_s, size_px=OPENNESS_SIZE
            )
        return faces.with_(pose_deg=pose, eye_open=eyes, mouth_open=mouth, blinks=blinks)

    def with_gaze(self, faces: Faces, gaze_deg: F32, now_s: float) -> Faces:
        """The faces with their gaze (n, 2), smoothed."""
        smooth = np.empty_like(gaze_deg)
        for i, known in enumerate(self._states(faces, now_s)):
            smooth[i] = known.gaze(gaze_deg[i], now_s, size_px=POSE_SIZE)
        return faces.with_(gaze_deg=smooth)

    def _states(self, faces: Faces, now_s: float) -> list[_FaceState]:
        """The state of each face; faces not seen for `FORGET_S` are forgotten."""
        ids = [] if faces.track_id is None else faces.track_id.tolist()
        self._known = {n: k for n, k in self._known.items() if now_s - k.seen_s <= FORGET_S}
        for number in ids:
            self._known.setdefault(number, _FaceState()).seen_s = now_s
        return [self._known[number] for number in ids]
