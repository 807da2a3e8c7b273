"""One followed face: where it is, and the evidence that it is there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.landmark.region import (
    boxes_from_landmarks,
    regions_from_boxes,
    regions_from_landmarks,
)
from realtime.track.filters import OneEuroFilter, SmoothedScores, TimeAverage
from realtime.track.motion import Motion

SEEN = 0.5  # presence from which a face is shown
SURE = 0.9  # presence from which the mesh alone keeps a face, without the detector
GONE = 0.005  # presence below which there is no face, whatever the detector says
# A masked or turned face may have a low presence: it is shown if the detector is sure of it.
MIN_PRESENCE, SURE_SCORE = 0.05, 0.65  # the second unless the detector has its own
# What a face that the mesh is unsure of needs to be shown: detections, and to be there for a while,
# because those of a fast camera come within hundredths of a second.
MIN_CONFIRMATIONS, UNSEEN_S = 3, 0.13
EVIDENCE_S = 0.15  # presence and score are averaged over this time: one frame is no proof
CONFIRM_S = 2.0  # how long a detection counts for a face that the mesh sees
CONFIRM_UNSURE_S = 0.15  # and for one that it is unsure of
# By what share of its side a region moves on from one frame to the next: less does not help the
# mesh, and with more the face might not be within.
MIN_SHIFT, MAX_SHIFT = 0.05, 0.15


@dataclass(eq=False)
class Track:
    """One followed face."""

    confirmed_s: float  # when the detector last saw it
    seen_s: float  # when the mesh last saw it
    id: int = 0  # assigned when it is first shown, so that false alarms use up no numbers
    began_s: float = math.inf  # when the mesh first ran on it since it was last lost
    evident_s: float = 0.0  # time since then
    score: float = 0.0
    sureness: float = 0.0  # the score over that from which the detector is sure
    confirmations: int = 0
    presence: float = 0.0
    points: F32 = field(default_factory=lambda: np.zeros((0, 3), np.float32))  # smoothed landmarks
    box: F32 = field(default_factory=lambda: np.zeros(4, np.float32))  # around the raw landmarks
    region: F32 = field(default_factory=lambda: np.zeros(4, np.float32))  # for the next mesh
    landmark_filter: OneEuroFilter = field(default_factory=OneEuroFilter)
    evidence: TimeAverage = field(default_factory=lambda: TimeAverage(EVIDENCE_S))
    scores: dict[str, SmoothedScores] = field(default_factory=dict)  # by attribute name
    motion: Motion = field(default_factory=Motion)
    moved_s: float = 0.0  # when `box` was measured
    replaced: bool = False  # by a newer track that continues it
    masked: bool = False  # whether it probably wore a mask in the last frame

    @property
    def reported(self) -> bool:
        """Whether it is certain enough to be shown."""
        if self.evidence.value is None:
            return False
        presence, sureness = self.evidence.value
        sure = bool(sureness >= 1)
        if presence >= SEEN:
            return sure or self.evident_s >= EVIDENCE_S
        confirmed = self.confirmations >= MIN_CONFIRMATIONS and self.evident_s >= UNSEEN_S
        return sure and confirmed and bool(presence >= MIN_PRESENCE)

    def scores_of(self, attribute: str, smoothing_s: float) -> SmoothedScores:
        """The smoothed scores of one attribute, with this time constant if they are new."""
        if attribute not in self.scores:
            self.scores[attribute] = SmoothedScores(smoothing_s)
        return self.scores[attribute]

    def continue_(self, lost: Track) -> None:
        """Be the same face as a track that was lost: with its number, motion and labels."""
        self.id, self.motion = lost.id, lost.motion
        self.scores, self.masked = lost.scores, lost.masked
        lost.replaced = True

    def box_at(self, now_s: float) -> F32:
        """Its box (4,) as expected at `now_s`."""
        return self.motion.moved(self.box, now_s - self.moved_s)

    def region_at(self, now_s: float) -> F32:
        """Where to run the mesh at `now_s`: the region of a fast face moves on."""
        side = float(self.region[2])
        shift = self.motion.shift(now_s - self.moved_s)
        if max(map(abs, shift)) < MIN_SHIFT * side:
            return self.region
        most = MAX_SHIFT * side
        x, y = (min(max(way, -most), most) for way in shift)
        return self.region + np.array([x, y, 0, 0], np.float32)

    def move(self, landmarks: Landmarks, presence: float, now_s: float) -> None:
        """Update it with the mesh of one face in the frame at `now_s`."""
        self.presence = presence
        self.began_s = min(self.began_s, now_s)
        self.evident_s = now_s - self.began_s
        self.evidence.update(np.array([presence, self.sureness], np.float32), now_s)
        self.box, self.moved_s = boxes_from_landmarks(landmarks)[0], now_s
        # The next region follows from unsmoothed points: smoothed ones would lag.
        self.region = regions_from_landmarks(landmarks)[0]
        if presence >= SEEN:
            self.seen_s = now_s
        size = float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))
        self.points = self.landmark_filter(landmarks.points[0], now_s, size_px=size)

    def confirm(self, detected: Faces, now_s: float, sure_score: float) -> None:
        """Update it with a detection of one face; use its box where the mesh is unsure."""
        self.confirmed_s, self.score = now_s, float(detected.score[0])
        self.sureness = self.score / sure_score
        self.confirmations += 1
        if self.presence < SEEN:
            self.region = regions_from_boxes(detected.xyxy, detected.keypoints)[0]

    def alive(self, now_s: float) -> bool:
        """Whether the face is still there, by mesh and detector together."""
        unconfirmed_s = now_s - self.confirmed_s
        if self.presence >= SURE:
            return True
        if self.presence >= SEEN:
            return unconfirmed_s <= CONFIRM_S
        return self.presence >= GONE and unconfirmed_s <= CONFIRM_UNSURE_S
