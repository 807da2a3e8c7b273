"""What flows between the stages: `Faces`, a struct of arrays, and `FrameResult`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from realtime.core.answers import UNSURE, Answers, Doubt
from realtime.core.arrays import F32, Frame, check_array
from realtime.core.landmarks import Landmarks

__all__ = ["F32", "UNSURE", "Answers", "Doubt", "Faces", "Frame", "FrameResult"]

# Dtype and sizes after the first axis, which is the number of faces; None stands for any size.
_ARRAYS: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
    "xyxy": (np.float32, (4,)),
    "score": (np.float32, ()),
    "keypoints": (np.float32, (None, 2)),
    "presence": (np.float32, ()),
    "track_id": (np.int64, ()),
    "masked": (np.bool_, ()),
    "pose_deg": (np.float32, (3,)),
    "eye_open": (np.float32, (2,)),
    "mouth_open": (np.float32, ()),
    "blinks": (np.int64, ()),
    "gaze_deg": (np.float32, (2,)),
    "velocity_px_s": (np.float32, (2,)),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Faces:
    """The n faces of one frame as parallel arrays; what was not requested is None.

    Attributes:
        xyxy: (n, 4) float32, left, top, right, bottom in pixels of the full frame.
        score: (n,) float32, confidence of the detector, 0 to 1.
        keypoints: (n, k, 2) float32 pixels, in the detector's own order; two eyes first.
        landmarks: the points of each face.
        presence: (n,) float32, how sure the landmark network is that it sees a face, 0 to 1.
        track_id: (n,) int64, the number of the track that the face belongs to; never reused.
        attributes: what is said of the faces, by the name of the attribute (`"mask"`, `"emotion"`,
            …, see `realtime.attribute.registry`).
        masked: (n,) bool, whether the face probably wears a mask, correctly or not, so that its
            emotion is less certain.
        pose_deg: (n, 3) float32, yaw, pitch and roll, see `realtime.landmark.pose.head_pose`; NaN
            where they cannot be determined.
        eye_open: (n, 2) float32, aspect ratio of the person's right and left eye, see
            `realtime.landmark.openness`.
        mouth_open: (n,) float32, gap between the lips over the width of the mouth.
        blinks: (n,) int64, how often each face has blinked since its track began.
        gaze_deg: (n, 2) float32, how far the eyes are turned in the head, to the person's left and
            upwards, see `realtime.landmark.iris`.
        velocity_px_s: (n, 2) float32, how fast each followed face moves to the right and down.

    Raises:
        ValueError: an array's dtype or shape does not fit; the message names both.

    Example:
        >>> faces = Faces.from_boxes([[10, 20, 50, 60], [0, 0, 30, 30]], score=[0.9, 0.4])
        >>> len(faces), len(faces[faces.score > 0.5])
        (2, 1)
    """

    xyxy: F32
    score: F32
    keypoints: F32 | None = None
    landmarks: Landmarks | None = None
    presence: F32 | None = None
    track_id: NDArray[np.int64] | None = None
    attributes: Mapping[str, Answers] = field(default_factory=dict)
    masked: NDArray[np.bool_] | None = None
    pose_deg: F32 | None = None
    eye_open: F32 | None = None
    mouth_open: F32 | None = None
    blinks: NDArray[np.int64] | None = None
    gaze_deg: F32 | None = None
    velocity_px_s: F32 | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        for name, (dtype, tail) in _ARRAYS.items():
            array = getattr(self, name)
            if array is not None:
                check_array(name, array, dtype, (n, *tail))
        if self.landmarks is not None and len(self.landmarks) != n:
            raise ValueError(f"landmarks are of {len(self.landmarks)} faces, expected {n}")
        for name, answers in self.attributes.items():
            if len(answers) != n:
                raise ValueError(f"attribute {name!r} is of {len(answers)} faces, expected {n}")

    @classmethod
    def empty(cls) -> Faces:
        """No faces: the result for a picture without any."""
        return cls(xyxy=np.zeros((0, 4), np.float32), score=np.zeros(0, np.float32))

    @classmethod
    def from_boxes(cls, xyxy: ArrayLike, score: ArrayLike | None = None) -> Faces:
        """Faces from boxes alone, (n, 4); the score is 1 where none is given."""
        boxes = np.asarray(xyxy, np.float32).reshape(-1, 4)
        scores = np.ones(len(boxes)) if score is None else score
        return cls(xyxy=boxes, score=np.asarray(scores, np.float32))

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: NDArray[Any] | slice | Sequence[int]) -> Faces:
        """The faces that `index` (a mask, positions or a slice) selects, in that order."""
        picked: dict[str, Any] = {
            f.name: value[index]
            for f in fields(self)
            if f.name != "attributes" and (value := getattr(self, f.name)) is not None
        }
        answers = {name: answers[index] for name, answers in self.attributes.items()}
        return Faces(**picked, attributes=answers)

    def label(self, attribute: str, i: int) -> tuple[str, float] | None:
        """Face i's label of one attribute or `UNSURE`, and its probability.

        Returns:
            None where the attribute was not requested or is not known yet.
        """
        answers = self.attributes.get(attribute)
        return None if answers is None else answers.label(i)

    def with_(self, **values: Any) -> Faces:
        """A copy in which the named fields are replaced."""
        return replace(self, **values)

    def scaled(self, factor: float) -> Faces:
        """The faces as they are in a picture resized by this factor."""
        by = np.float32(factor)
        keypoints = None if self.keypoints is None else self.keypoints * by
        velocity = None if self.velocity_px_s is None else self.velocity_px_s * by
        landmarks = self.landmarks
        if landmarks is not None:
            landmarks = Landmarks(landmarks.topology, landmarks.points * by)
        return replace(
            self, xyxy=self.xyxy * by, keypoints=keypoints, landmarks=landmarks,
            velocity_px_s=velocity,
        )  # fmt: skip

    def with_answers(self, answers: Mapping[str, Answers]) -> Faces:
        """A copy to which these attributes are added; those of the same name are replaced."""
        return replace(self, attributes={**self.attributes, **answers})

    def to_records(self) -> list[dict[str, Any]]:
        """One dictionary per face, as `python -m realtime photo --json` writes them."""
        from realtime.output.records import face_record

        return [face_record(self, i) for i in range(len(self))]

    def to_supervision(self) -> Any:
        """The faces as `supervision.Detections`; needs the package `supervision`.

        Returns:
            Boxes, scores and track ids in their own fields; in `data`, for each attribute, its
            label (`"mask"`, an array of str, empty where unknown) and its probabilities
            (`"mask_prob"`), and `"landmarks"` (n, k, 2 or 3) where there are any.

        Raises:
            FaceStreamError: the package is not installed.
        """
        from realtime.output.supervision import to_detections

        return to_detections(self)

    @staticmethod
    def concatenate(parts: Sequence[Faces]) -> Faces:
        """All faces of `parts`, in order; what one non-empty part lacks is None."""
        filled = [part for part in parts if len(part)]
        if not filled:
            return Faces.empty()
        merged: dict[str, Any] = {}
        for name in _ARRAYS:
            arrays = [getattr(part, name) for part in filled]
            complete = all(a is not None for a in arrays)
            merged[name] = np.concatenate(arrays) if complete else None
        names = [n for n in filled[0].attributes if all(n in part.attributes for part in filled)]
        answers = {n: _joined([part.attributes[n] for part in filled]) for n in names}
        return Faces(**merged, landmarks=_joined_landmarks(filled), attributes=answers)


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """The faces of one frame and how long each stage took.

    Attributes:
        faces: the faces, empty when there are none.
        size_wh: width and height of the frame in pixels.
        time_s: when the frame was captured, on the caller's clock.
        timings_ms: milliseconds by stage; stages that did not run are missing.

    Example:
        >>> result = FrameResult(Faces.empty(), (640, 480), time_s=0.5)
        >>> len(result.faces), result.size_wh
        (0, (640, 480))
    """

    faces: Faces
    size_wh: tuple[int, int]
    time_s: float
    timings_ms: Mapping[str, float] = field(default_factory=dict)


def _joined(parts: Sequence[Answers]) -> Answers:
    any_shown = any(part.shown is not None for part in parts)
    doubts = [part.doubt for part in parts]
    known = [doubt for doubt in doubts if doubt is not None]
    return Answers(
        parts[0].labels,
        np.concatenate([part.prob for part in parts]),
        np.concatenate(known) if len(known) == len(doubts) else None,
        np.concatenate([part.column for part in parts]) if any_shown else None,
    )


def _joined_landmarks(parts: Sequence[Faces]) -> Landmarks | None:
    landmarks = [part.landmarks for part in parts if part.landmarks is not None]
    topologies = {id(one.topology) for one in landmarks}
    if len(landmarks) < len(parts) or len(topologies) > 1:
        return None
    return Landmarks(landmarks[0].topology, np.concatenate([one.points for one in landmarks]))
