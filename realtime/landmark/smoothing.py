"""What the points of followed faces say over time: calmed, and blinks counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from realtime.core.faces import F32, Faces
from realtime.landmark.blink import BlinkCounter
from realtime.landmark.measures import measured
from realtime.track.filters import OneEuroFilter

FORGET_S = 2.0  # longer than a tracker remembers the number of a face that it lost
# What counts as fast, in the filter's terms: a right angle a second for a head, and the whole of
# its width for an eye or a mouth.
POSE_SIZE, OPENNESS_SIZE = 90.0, 1.0


@dataclass(slots=True)
class _Followed:
    """One face."""

    seen_s: float = 0.0
    points: OneEuroFilter = field(default_factory=OneEuroFilter)
    # The points are calmed already: what is left of their trembling is slow for an angle.
    pose: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(1.0, 4.0))
    gaze: OneEuroFilter = field(default_factory=lambda: OneEuroFilter(1.0, 4.0))
    openness: OneEuroFilter = field(default_factory=OneEuroFilter)
    blinks: BlinkCounter = field(default_factory=BlinkCounter)


class FollowedFaces:
    """Keeps, by track number, what the points of one stream's faces say."""

    def __init__(self) -> None:
        self._known: dict[int, _Followed] = {}

    def with_points(self, faces: Faces, landmarks: F32, now_s: float) -> Faces:
        """The faces with these landmarks (n, k, 2) in the place of those that they have, calmed."""
        calm = np.empty_like(landmarks)
        for i, known in enumerate(self._of(faces, now_s)):
            size_px = float((faces.xyxy[i, 2:] - faces.xyxy[i, :2]).max())
            calm[i] = known.points(landmarks[i], now_s, size_px=size_px)
        return faces.with_(landmarks=calm)

    def measured(self, faces: Faces, size_wh: tuple[int, int], now_s: float) -> Faces:
        """The faces with head pose, openness of eyes and mouth, and the blinks counted so far."""
        faces = measured(faces, size_wh)
        pose, eyes, mouth = faces.pose_deg, faces.eye_open, faces.mouth_open
        assert pose is not None
        assert eyes is not None
        assert mouth is not None
        blinks = np.zeros(len(faces), np.int64)
        for i, known in enumerate(self._of(faces, now_s)):
            blinks[i] = known.blinks.update(float(eyes[i].mean()), now_s)
            if np.isfinite(pose[i]).all():
                pose[i] = known.pose(pose[i].copy(), now_s, size_px=POSE_SIZE)
            openness = np.append(eyes[i], mouth[i])
            eyes[i, 0], eyes[i, 1], mouth[i] = known.openness(
                openness, now_s, size_px=OPENNESS_SIZE
            )
        return faces.with_(pose_deg=pose, eye_open=eyes, mouth_open=mouth, blinks=blinks)

    def with_gaze(self, faces: Faces, gaze_deg: F32, now_s: float) -> Faces:
        """The faces with where their eyes look (n, 2), calmed."""
        calm = np.empty_like(gaze_deg)
        for i, known in enumerate(self._of(faces, now_s)):
            calm[i] = known.gaze(gaze_deg[i], now_s, size_px=POSE_SIZE)
        return faces.with_(gaze_deg=calm)

    def _of(self, faces: Faces, now_s: float) -> list[_Followed]:
        """What is known of each face; faces that were not seen for long are forgotten."""
        ids = [] if faces.track_id is None else faces.track_id.tolist()
        self._known = {n: k for n, k in self._known.items() if now_s - k.seen_s <= FORGET_S}
        for number in ids:
            self._known.setdefault(number, _Followed()).seen_s = now_s
        return [self._known[number] for number in ids]
