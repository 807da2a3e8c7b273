"""Following faces from frame to frame: each track keeps its number."""

from __future__ import annotations

import numpy as np

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.geometry import iou, square_sides
from realtime.core.landmarks import MESH468, Landmarks
from realtime.landmark.region import boxes_from_landmarks, regions_from_boxes
from realtime.track.assign import best_pairs
from realtime.track.lost import LostTracks
from realtime.track.track import SEEN, SURE_SCORE, Track

SAME_FACE_IOU = 0.3
MERGED_IOU = 0.5  # two tracks that overlap more follow one face
APART_IOU = 0.05  # of two tracks that overlap more, one face may hide the other
HEAD = 0.3  # a head is so much of a face's sides larger, to each side
# How many times larger a face must be than one that is followed to take its place: two of about
# the same size would take turns otherwise.
LARGER = 1.25


class Tracker:
    """Keeps the tracks; `Pipeline` runs the networks between its steps.

    For each frame: `match` (with the detections, if the detector ran), `regions` for the mesh,
    `update` with the mesh's result, `report`.

    Args:
        first_id: number of the first track.
    """

    def __init__(self, first_id: int = 1) -> None:
        self.tracks: list[Track] = []
        self.lost_now = False  # whether the last update lost a face
        self._lost = LostTracks()
        self._newcomers = Faces.empty()
        self._sure_score = 1.0
        self._topology = MESH468
        self._next_id = first_id

    def end_all(self) -> None:
        """End all tracks, those that are lost too: who is seen from now on is new."""
        self.tracks = []
        self._lost = LostTracks()

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
            expected = np.stack([t.box_at(now_s) for t in self.tracks])
            overlap = iou(detected.xyxy, expected)
            same = overlap >= SAME_FACE_IOU
            # A box of a high score is more likely the face than a weak one that fits better.
            for i, j in best_pairs(overlap * same * detected.score[:, None]):
                self.tracks[j].confirm(detected[[i]], now_s, sure_score)
            detected = detected[~np.any(same, axis=1)]
        self._newcomers = self._largest(detected, max_faces)

    def regions(self, now_s: float) -> F32:
        """Where to run the mesh: each track's expected place, then the boxes of new faces."""
        new = regions_from_boxes(self._newcomers.xyxy, self._newcomers.keypoints)
        known = np.array([t.region_at(now_s) for t in self.tracks], np.float32).reshape(-1, 4)
        return np.concatenate([known, new])

    def update(self, landmarks: Landmarks, presence: F32, now_s: float, *, max_faces: int) -> None:
        """Move, drop, merge and begin tracks by the mesh's result for `regions`."""
        # 1. Move the tracks that are still there; remember the others for a while.
        known = len(self.tracks)
        for i, track in enumerate(self.tracks):
            track.move(landmarks[[i]], float(presence[i]), now_s)
        gone = [t for t in self.tracks if not t.alive(now_s)]
        self.lost_now = bool(gone)
        self.tracks = [t for t in self.tracks if t not in gone]
        self._lost.add(gone)
        # 2. Of two tracks that ran onto one face, one stays.
        self._separate(now_s)
        # 3. New faces that are no duplicate begin a track.
        self._topology = landmarks.topology
        for i in range(known, len(landmarks)):
            face = landmarks[[i]]
            box = boxes_from_landmarks(face)[0]
            if self.tracks and iou(box[None], self._boxes()).max() >= SAME_FACE_IOU:
                continue
            self._begin(self._newcomers[[i - known]], face, float(presence[i]), now_s)
        # 4. Keep the largest, up to the maximum.
        self._limit(max_faces)
        # 5. Tracks that are certain enough to be shown get a number: a lost one's, or a new one.
        new = [track for track in self.tracks if track.reported and not track.id]
        if new:
            self._lost.give_back(new, self._fading(now_s), now_s)
            self.tracks = [track for track in self.tracks if not track.replaced]
        for track in new:
            track.motion.update(track.box, now_s)
            if not track.id:
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
            velocity_px_s=np.array([t.motion.shift(1.0) for t in shown], np.float32),
        )

    def _largest(self, detected: Faces, max_faces: int) -> Faces:
        """The new faces for which there is room, or that are larger than faces followed."""
        side = square_sides(detected.xyxy)
        order = np.argsort(-side, kind="stable")[:max_faces]
        room = max(0, max_faces - len(self.tracks))
        taken = np.sort(square_sides(self._boxes()))[: max(0, len(order) - room)]
        allowed = np.ones(len(order), np.bool_)
        allowed[room:] = side[order[room:]] > LARGER * taken[: len(order) - room]
        return detected[order[allowed]]

    def _boxes(self) -> F32:
        return np.array([t.box for t in self.tracks], np.float32).reshape(-1, 4)

    def _begin(self, detected: Faces, landmarks: Landmarks, presence: float, now_s: float) -> None:
        track = Track(confirmed_s=now_s, seen_s=now_s)
        track.confirm(detected, now_s, self._sure_score)
        track.move(landmarks, presence, now_s)
        self.tracks.append(track)

    def _fading(self, now_s: float) -> list[Track]:
        """Tracks that neither mesh nor detector see in this frame: a fast face left them behind."""
        return [t for t in self.tracks if t.id and t.presence < SEEN and t.confirmed_s < now_s]

    def _separate(self, now_s: float) -> None:
        """Update the motion of the faces that are seen; merge tracks that ran onto one face."""
        overlaps = beside = [0.0] * len(self.tracks)  # with any other face; with another's head
        if len(self.tracks) > 1:
            boxes = self._boxes()
            overlaps, beside = _max_overlaps(boxes), _max_overlaps(_heads(boxes))
        for track, overlap, near in zip(self.tracks, overlaps, beside, strict=True):
            if track.reported or not track.id:
                trusted = overlap <= APART_IOU
                track.motion.update(track.box, now_s, trusted=trusted, beside=near > 0)
        if max(overlaps, default=0) >= MERGED_IOU:
            self._merge(now_s)

    def _merge(self, now_s: float) -> None:
        """Of tracks that ran onto one face, keep the one that was expected there.

        The other face is hidden: it is remembered.
        """
        kept: list[Track] = []
        hidden: list[Track] = []
        for track in sorted(self.tracks, key=lambda t: _merge_order(t, now_s)):
            others = np.array([t.box for t in kept], np.float32).reshape(-1, 4)
            merged = len(others) and iou(track.box[None], others).max() >= MERGED_IOU
            (hidden if merged else kept).append(track)
        self.tracks = kept
        self._lost.add(hidden)

    def _limit(self, max_faces: int) -> None:
        """Keep the largest faces, and candidates for which there is room or that are larger."""
        if len(self.tracks) <= max_faces:
            return
        side = dict(zip(self.tracks, square_sides(self._boxes()).tolist(), strict=True))
        ranked = sorted(self.tracks, key=lambda t: -side[t] * (LARGER if t.id else 1))
        shown = [t for t in ranked if t.id or t.reported]
        candidates = [t for t in ranked if not (t.id or t.reported)]
        kept = shown[:max_faces]
        room = max_faces - len(kept)
        smallest = min((side[t] for t in kept), default=0.0)
        larger = [t for t in candidates[room:] if side[t] > LARGER * smallest]
        self.tracks = kept + candidates[:room] + larger[:max_faces]
        self._lost.add(shown[max_faces:])


def _heads(faces: F32) -> F32:
    """Boxes (n, 4) of the heads around faces (n, 4)."""
    margin = HEAD * (faces[:, 2:] - faces[:, :2])
    return np.concatenate([faces[:, :2] - margin, faces[:, 2:] + margin], axis=1)


def _max_overlaps(boxes: F32) -> list[float]:
    """The largest overlap of each box with any other."""
    overlap = iou(boxes, boxes)
    np.fill_diagonal(overlap, 0)
    maxima: list[float] = overlap.max(axis=1).tolist()
    return maxima


def _merge_order(track: Track, now_s: float) -> tuple[bool, float, int]:
    """Numbered tracks first, of these the best expected, of these the oldest."""
    expected = iou(track.box[None], track.motion.box_at(now_s)[None])[0, 0]
    return not track.id, -round(float(expected), 1), track.id
