"""Following faces from frame to frame: each track keeps its number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect.suppress import iou
from realtime.landmark.region import (
    boxes_from_landmarks,
    regions_from_boxes,
    regions_from_landmarks,
)
from realtime.track.filters import OneEuroFilter, SmoothedScores, TimeAverage

SEEN = 0.5  # presence from which a face is shown
SURE = 0.9  # presence from which the mesh alone keeps a face, without the detector
GONE = 0.005  # presence below which there is no face, whatever the detector says
# A masked or turned face may have a low presence: it is shown if the detector is sure of it.
MIN_PRESENCE, SURE_SCORE = 0.05, 0.65  # the second unless the detector has its own
MIN_CONFIRMATIONS = 3  # detections needed to show a face that the mesh is unsure of
EVIDENCE_S = 0.15  # presence and score are averaged over this time: one frame is no proof
CONFIRM_S = 2.0  # how long a detection counts for a face that the mesh sees
CONFIRM_UNSURE_S = 0.15  # and for one that it is unsure of
REMEMBER_S = 1.5  # how long a lost face may return under its number
SAME_FACE_IOU = 0.3


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
    masked: bool = False  # whether it probably wore a mask in the last frame

    @property
    def reported(self) -> bool:
        """Whether it is certain enough to be shown."""
        if self.evidence.value is None:
            return False
        presence, sureness = self.evidence.value
        if sureness >= 1:
            return bool(
                presence >= (MIN_PRESENCE if self.confirmations >= MIN_CONFIRMATIONS else SEEN)
            )
        return bool(presence >= SEEN) and self.evident_s >= EVIDENCE_S

    def scores_of(self, attribute: str, smoothing_s: float) -> SmoothedScores:
        """The smoothed scores of one attribute, with this time constant if they are new."""
        if attribute not in self.scores:
            self.scores[attribute] = SmoothedScores(smoothing_s)
        return self.scores[attribute]

    def move(self, landmarks: Landmarks, presence: float, now_s: float) -> None:
        """Update it with the mesh of one face in the frame at `now_s`."""
        self.presence = presence
        self.began_s = min(self.began_s, now_s)
        self.evident_s = now_s - self.began_s
        self.evidence.update(np.array([presence, self.sureness], np.float32), now_s)
        self.box = boxes_from_landmarks(landmarks)[0]
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


class Tracker:
    """Keeps the tracks; `Pipeline` runs the networks between its steps.

    For each frame: `match` (with the detections, if the detector ran), `regions` for the mesh,
    `update` with the mesh's result, `report`.
    """

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.lost_now = False  # whether the last update lost a face
        self._lost: list[Track] = []
        self._newcomers = Faces.empty()
        self._sure_score = 1.0
        self._topology = MESH468
        self._next_id = 1

    def match(
        self, detected: Faces, now_s: float, *, max_faces: int, sure_score: float = SURE_SCORE
    ) -> None:
        """Assign detections to the tracks they confirm; keep the others as new faces.

        Args:
            detected: the detector's faces.
            now_s: time of the frame.
            max_faces: maximum number of faces followed.
            sure_score: the score from which that detector is hardly ever wrong.
        """
        self._sure_score = sure_score
        if len(self.tracks) and len(detected):
            overlap = iou(detected.xyxy, self._boxes())
            new = overlap.max(axis=1) < SAME_FACE_IOU
            for i in np.flatnonzero(~new):
                self.tracks[int(overlap[i].argmax())].confirm(detected[[i]], now_s, sure_score)
            detected = detected[new]
        size = np.prod(detected.xyxy[:, 2:] - detected.xyxy[:, :2], axis=1)
        room = max(0, max_faces - len(self.tracks))
        self._newcomers = detected[np.argsort(-size, kind="stable")[:room]]

    def regions(self) -> F32:
        """Where to run the mesh: each track's last place, then the boxes of new faces."""
        parts = [regions_from_boxes(self._newcomers.xyxy, self._newcomers.keypoints)]
        if self.tracks:
            parts.insert(0, np.stack([t.region for t in self.tracks]))
        return np.concatenate(parts)

    def update(self, landmarks: Landmarks, presence: F32, now_s: float, *, max_faces: int) -> None:
        """Move, drop, merge and begin tracks by the mesh's result for `regions`."""
        # 1. Move the tracks that are still there; remember the others for a while.
        known = len(self.tracks)
        for i, track in enumerate(self.tracks):
            track.move(landmarks[[i]], float(presence[i]), now_s)
        gone = [t for t in self.tracks if not t.alive(now_s)]
        self.lost_now = bool(gone)
        self.tracks = [t for t in self.tracks if t not in gone]
        shown = [t for t in gone if t.id]
        self._lost = [t for t in self._lost + shown if now_s - t.seen_s <= REMEMBER_S]
        # 2. Of two tracks that ran onto one face, the older stays.
        self.tracks = _without_duplicates(self.tracks)
        # 3. New faces that are no duplicate begin a track, or continue a lost one.
        self._topology = landmarks.topology
        for i in range(known, len(landmarks)):
            face = landmarks[[i]]
            box = boxes_from_landmarks(face)[0]
            if self.tracks and iou(box[None], self._boxes()).max() >= SAME_FACE_IOU:
                continue
            self._begin(self._newcomers[[i - known]], face, float(presence[i]), now_s)
        # 4. Keep the largest, up to the maximum.
        if len(self.tracks) > max_faces:
            self.tracks.sort(key=lambda t: -float(np.prod(t.box[2:] - t.box[:2])))
            del self.tracks[max_faces:]
        # 5. Tracks that are certain enough to be shown get a number.
        for track in self.tracks:
            if track.reported and not track.id:
                track.id, self._next_id = self._next_id, self._next_id + 1
        self._newcomers = Faces.empty()

    def report(self) -> tuple[list[Track], Faces]:
        """The tracks certain enough to be shown, oldest first, and their faces."""
        shown = sorted((t for t in self.tracks if t.reported), key=lambda t: t.id)
        if not shown:
            return [], Faces.empty()
        landmarks = Landmarks(self._topology, np.stack([t.points for t in shown]))
        return shown, Faces(
            xyxy=boxes_from_landmarks(landmarks),
            score=np.array([t.score for t in shown], np.float32),
            landmarks=landmarks,
            presence=np.array([t.presence for t in shown], np.float32),
            track_id=np.array([t.id for t in shown], np.int64),
        )

    def _boxes(self) -> F32:
        return np.stack([t.box for t in self.tracks])

    def _begin(self, detected: Faces, landmarks: Landmarks, presence: float, now_s: float) -> None:
        track = self._recall(boxes_from_landmarks(landmarks)[0])
        if track is None:
            track = Track(confirmed_s=now_s, seen_s=now_s)
        # Its place and presence from before it was lost no longer count.
        track.landmark_filter, track.evidence = OneEuroFilter(), TimeAverage(EVIDENCE_S)
        track.began_s = math.inf
        track.confirm(detected, now_s, self._sure_score)
        track.move(landmarks, presence, now_s)
        self.tracks.append(track)

    def _recall(self, box: F32) -> Track | None:
        """The lost track nearest to `box`, removed from memory; None if all are too far."""
        best, best_distance = None, 1.0
        for track in self._lost:
            distance = _distance(track.box, box)
            if distance < best_distance:
                best, best_distance = track, distance
        if best is not None:
            self._lost.remove(best)
        return best


def _distance(a: F32, b: F32) -> float:
    """Distance of two boxes' centres in box sizes; infinite where sizes differ by a factor of 2."""
    size_a, size_b = _size(a), _size(b)
    if not 0.5 < size_a / size_b < 2:
        return math.inf
    centre: NDArray[np.float32] = (a[:2] + a[2:] - b[:2] - b[2:]) / 2
    return float(np.hypot(*centre)) / max(size_a, size_b)


def _size(box: F32) -> float:
    return max(1.0, math.sqrt(float(np.prod(np.clip(box[2:] - box[:2], 0, None)))))


def _without_duplicates(tracks: list[Track]) -> list[Track]:
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda t: t.id or math.inf):
        others = np.array([t.box for t in kept], np.float32).reshape(-1, 4)
        if not len(others) or iou(track.box[None], others).max() < 0.5:
            kept.append(track)
    return kept
