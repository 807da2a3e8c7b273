"""Following faces from frame to frame under numbers that stay theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces
from realtime.core.geometry import iou
from realtime.landmark.region import (
    boxes_from_landmarks,
    regions_from_boxes,
    regions_from_landmarks,
)
from realtime.track.filters import FollowedAnswer, OneEuroFilter, TimeAverage

SEEN = 0.5  # presence from which a face is shown
SURE = 0.9  # presence from which the mesh alone keeps one, without the detector's word
GONE = 0.005  # presence below which there is none, whatever the detector says
# A masked or turned face may have little presence: it is shown if the detector is sure of it.
UNSURE, SURE_SCORE = 0.05, 0.65  # the second unless the detector has its own
ENOUGH = 3  # detections that show a face the mesh is unsure of
EVIDENCE_S = 0.15  # presence and score are averaged over so long: a single frame is no proof
CONFIRM_S = 2.0  # how long the detector's word counts for a face that the mesh sees
CONFIRM_UNSURE_S = 0.15  # and for one that it is unsure of
REMEMBER_S = 1.5  # how long a lost face may come back under its number
SAME_FACE_IOU = 0.3


@dataclass(eq=False)
class Track:
    """One followed face."""

    confirmed_s: float  # when the detector last saw it
    seen_s: float  # when the mesh last saw it
    id: int = 0  # given when it is first shown, so that false alarms use up no numbers
    began_s: float = math.inf  # when the mesh first looked at it since it was last lost
    evident_s: float = 0.0  # how long it has been looked at since
    score: float = 0.0
    sureness: float = 0.0  # the score as a share of that from which the detector is sure
    confirmations: int = 0
    presence: float = 0.0
    landmarks: F32 = field(default_factory=lambda: np.zeros((468, 3), np.float32))  # smoothed
    box: F32 = field(default_factory=lambda: np.zeros(4, np.float32))  # about the raw landmarks
    region: F32 = field(default_factory=lambda: np.zeros(4, np.float32))  # for the next mesh
    landmark_filter: OneEuroFilter = field(default_factory=OneEuroFilter)
    evidence: TimeAverage = field(default_factory=lambda: TimeAverage(EVIDENCE_S))
    mask: FollowedAnswer = field(default_factory=lambda: FollowedAnswer(0.4))
    emotion: FollowedAnswer = field(default_factory=lambda: FollowedAnswer(0.3))
    gender: FollowedAnswer = field(default_factory=lambda: FollowedAnswer(1.0))
    masked: bool = False  # whether it probably wore a mask when that was last judged

    @property
    def reported(self) -> bool:
        """Whether it is certain enough to be shown."""
        if self.evidence.value is None:
            return False
        presence, sureness = self.evidence.value
        if sureness >= 1:
            return bool(presence >= (UNSURE if self.confirmations >= ENOUGH else SEEN))
        return bool(presence >= SEEN) and self.evident_s >= EVIDENCE_S

    def take(self, landmarks: F32, presence: float, now_s: float) -> None:
        """Take in where the mesh found it in the frame of `now_s`."""
        self.presence = presence
        self.began_s = min(self.began_s, now_s)
        self.evident_s = now_s - self.began_s
        self.evidence.update(np.array([presence, self.sureness], np.float32), now_s)
        self.box = boxes_from_landmarks(landmarks[None])[0]
        # The next region follows from unsmoothed points: smoothed ones would lag behind.
        self.region = regions_from_landmarks(landmarks[None])[0]
        if presence >= SEEN:
            self.seen_s = now_s
        size = float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))
        self.landmarks = self.landmark_filter(landmarks, now_s, size_px=size)

    def confirm(self, detected: Faces, now_s: float, sure_score: float) -> None:
        """Take in the detector's word, one face; trust its place where the mesh is unsure."""
        self.confirmed_s, self.score = now_s, float(detected.score[0])
        self.sureness = self.score / sure_score
        self.confirmations += 1
        if self.presence < SEEN:
            self.region = regions_from_boxes(detected.xyxy, detected.keypoints)[0]

    def alive(self, now_s: float) -> bool:
        """Whether it is still there, by the mesh's and the detector's word together."""
        unconfirmed_s = now_s - self.confirmed_s
        if self.presence >= SURE:
            return True
        if self.presence >= SEEN:
            return unconfirmed_s <= CONFIRM_S
        return self.presence >= GONE and unconfirmed_s <= CONFIRM_UNSURE_S


class Tracker:
    """Keeps the tracks; `Pipeline` runs the networks between its steps.

    A frame goes: `match` (with what the detector found, if it ran), `regions` for the mesh,
    `update` with what the mesh says, `report`.
    """

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.lost_now = False  # whether the last update lost a face
        self._lost: list[Track] = []
        self._newcomers = Faces.empty()
        self._sure_score = 1.0
        self._next_id = 1

    def match(
        self, detected: Faces, now_s: float, *, max_faces: int, sure_score: float = SURE_SCORE
    ) -> None:
        """Give detections to the tracks they confirm; keep the others as newcomers.

        Args:
            detected: what the detector found.
            now_s: when.
            max_faces: most faces followed.
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
        """Where the mesh is to look: each track's last place, then the newcomers' boxes."""
        parts = [regions_from_boxes(self._newcomers.xyxy, self._newcomers.keypoints)]
        if self.tracks:
            parts.insert(0, np.stack([t.region for t in self.tracks]))
        return np.concatenate(parts)

    def update(self, landmarks: F32, presence: F32, now_s: float, *, max_faces: int) -> None:
        """Move, lose, merge and begin tracks by what the mesh found in `regions`."""
        # 1. Move the tracks that are still there; remember the others for a while.
        known = len(self.tracks)
        for track, points, p in zip(self.tracks, landmarks, presence, strict=False):
            track.take(points, float(p), now_s)
        gone = [t for t in self.tracks if not t.alive(now_s)]
        self.lost_now = bool(gone)
        self.tracks = [t for t in self.tracks if t not in gone]
        shown = [t for t in gone if t.id]
        self._lost = [t for t in self._lost + shown if now_s - t.seen_s <= REMEMBER_S]
        # 2. Of two tracks that ran onto one face, the older stays.
        self.tracks = _without_doubles(self.tracks)
        # 3. Newcomers that are no double begin a track, or take up a lost one's number.
        for i, points in enumerate(landmarks[known:]):
            box = boxes_from_landmarks(points[None])[0]
            if self.tracks and iou(box[None], self._boxes()).max() >= SAME_FACE_IOU:
                continue
            self._begin(i, points, box, float(presence[known + i]), now_s)
        # 4. No more than asked for: the largest stay.
        if len(self.tracks) > max_faces:
            self.tracks.sort(key=lambda t: -float(np.prod(t.box[2:] - t.box[:2])))
            del self.tracks[max_faces:]
        # 5. What is certain enough to be shown has a number from now on.
        for track in self.tracks:
            if track.reported and not track.id:
                track.id, self._next_id = self._next_id, self._next_id + 1
        self._newcomers = Faces.empty()

    def report(self) -> tuple[list[Track], Faces]:
        """The tracks certain enough to be shown, oldest first, and their faces."""
        shown = sorted((t for t in self.tracks if t.reported), key=lambda t: t.id)
        if not shown:
            return [], Faces.empty()
        landmarks = np.stack([t.landmarks for t in shown])
        return shown, Faces(
            xyxy=boxes_from_landmarks(landmarks),
            score=np.array([t.score for t in shown], np.float32),
            landmarks=landmarks,
            presence=np.array([t.presence for t in shown], np.float32),
            track_id=np.array([t.id for t in shown], np.int64),
        )

    def _boxes(self) -> F32:
        return np.stack([t.box for t in self.tracks])

    def _begin(self, newcomer: int, points: F32, box: F32, presence: float, now_s: float) -> None:
        track = self._recall(box)
        if track is None:
            track = Track(confirmed_s=now_s, seen_s=now_s)
        # What was known of its place and presence when it was lost says nothing any more.
        track.landmark_filter, track.evidence = OneEuroFilter(), TimeAverage(EVIDENCE_S)
        track.began_s = math.inf
        track.confirm(self._newcomers[[newcomer]], now_s, self._sure_score)
        track.take(points, presence, now_s)
        self.tracks.append(track)

    def _recall(self, box: F32) -> Track | None:
        """The lost face nearest to `box`, taken out of memory; None if all are too far."""
        best, best_distance = None, 1.0
        for track in self._lost:
            distance = _distance(track.box, box)
            if distance < best_distance:
                best, best_distance = track, distance
        if best is not None:
            self._lost.remove(best)
        return best


def _distance(a: F32, b: F32) -> float:
    """Distance of two boxes' centres in box sizes; infinite where the sizes differ twofold."""
    size_a, size_b = _size(a), _size(b)
    if not 0.5 < size_a / size_b < 2:
        return math.inf
    centre: NDArray[np.float32] = (a[:2] + a[2:] - b[:2] - b[2:]) / 2
    return float(np.hypot(*centre)) / max(size_a, size_b)


def _size(box: F32) -> float:
    return max(1.0, math.sqrt(float(np.prod(np.clip(box[2:] - box[:2], 0, None)))))


def _without_doubles(tracks: list[Track]) -> list[Track]:
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda t: t.id or math.inf):
        others = np.array([t.box for t in kept], np.float32).reshape(-1, 4)
        if not len(others) or iou(track.box[None], others).max() < 0.5:
            kept.append(track)
    return kept
