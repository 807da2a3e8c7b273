"""What flows between the stages: `Faces`, a struct of arrays, and `FrameResult`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

F32 = NDArray[np.float32]
Frame = NDArray[np.uint8]

MASK_LABELS = ("with_mask", "without_mask", "incorrect")
EMOTION_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
GENDER_LABELS = ("male", "female")  # the data's binary label, not a person's identity
UNSURE = "unsure"  # stands where a label would, never among the probabilities


class Doubt(IntFlag):
    """Why an answer is unsure; several may hold at once, none is 0."""

    SMALL = 1
    BLURRED = 2
    TURNED = 4
    CLOSE = 8  # the top probability is too low


# Allowed sizes after the first axis, which is the number of faces; None stands for any size.
_SHAPES: dict[str, tuple[tuple[int | None, ...], ...]] = {
    "xyxy": ((4,),),
    "score": ((),),
    "keypoints": ((None, 2),),
    "landmarks": ((468, 3), (68, 2)),
    "presence": ((),),
    "track_id": ((),),
    "mask_prob": ((len(MASK_LABELS),),),
    "emotion_prob": ((len(EMOTION_LABELS),),),
    "mask_doubt": ((),),
    "emotion_doubt": ((),),
    "masked": ((),),
    "gender_prob": ((len(GENDER_LABELS),),),
    "gender_doubt": ((),),
    "pose_deg": ((3,),),
    "eye_open": ((2,),),
    "mouth_open": ((),),
    "blinks": ((),),
    "gaze_deg": ((2,),),
}
_DTYPES: dict[str, type[np.generic]] = {  # float32 where none is named
    "track_id": np.int64,
    "mask_doubt": np.uint8,
    "emotion_doubt": np.uint8,
    "masked": np.bool_,
    "gender_doubt": np.uint8,
    "blinks": np.int64,
}


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The n faces of one frame as parallel arrays; what was not asked for is None.

    Attributes:
        xyxy: (n, 4) float32, left, top, right, bottom in pixels of the full frame.
        score: (n,) float32, how sure the detector is, 0 to 1.
        keypoints: (n, k, 2) float32 pixels, in the detector's own order; two eyes first.
        landmarks: (n, 468, 3) of the mesh or (n, 68, 2) of dlib, float32 pixels.
        presence: (n,) float32, how sure the landmark network is that it sees a face, 0 to 1.
        track_id: (n,) int64, the number under which a face is followed; never reused.
        mask_prob: (n, 3) float32 in the order of `MASK_LABELS`; a row of NaN is "not yet known".
        emotion_prob: (n, 7) float32 in the order of `EMOTION_LABELS`; NaN as above.
        mask_doubt: (n,) uint8, the `Doubt`s about each mask answer, 0 where it is sure; None where
            that was not judged, and all count as sure.
        emotion_doubt: (n,) uint8, as above for emotions.
        masked: (n,) bool, whether the face probably wears a mask, well or wrongly, so that its
            emotion is less certain.
        gender_prob: (n, 2) float32 in the order of `GENDER_LABELS`; NaN as above.
        gender_doubt: (n,) uint8, as for emotions.
        pose_deg: (n, 3) float32, yaw, pitch and roll, see `realtime.landmark.pose.head_pose`; NaN
            where it cannot be told.
        eye_open: (n, 2) float32, aspect ratio of the person's right and left eye, see
            `realtime.landmark.openness`.
        mouth_open: (n,) float32, gap between the lips over the width of the mouth.
        blinks: (n,) int64, how often each was seen to blink since it is followed.
        gaze_deg: (n, 2) float32, how far the eyes are turned in the head, to the person's left and
            upwards, see `realtime.landmark.iris`.

    Raises:
        ValueError: an array's shape does not fit; the message names both shapes.
    """

    xyxy: F32
    score: F32
    keypoints: F32 | None = None
    landmarks: F32 | None = None
    presence: F32 | None = None
    track_id: NDArray[np.int64] | None = None
    mask_prob: F32 | None = None
    emotion_prob: F32 | None = None
    mask_doubt: NDArray[np.uint8] | None = None
    emotion_doubt: NDArray[np.uint8] | None = None
    masked: NDArray[np.bool_] | None = None
    gender_prob: F32 | None = None
    gender_doubt: NDArray[np.uint8] | None = None
    pose_deg: F32 | None = None
    eye_open: F32 | None = None
    mouth_open: F32 | None = None
    blinks: NDArray[np.int64] | None = None
    gaze_deg: F32 | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        for name, tails in _SHAPES.items():
            array = getattr(self, name)
            if array is None:
                continue
            dtype = _DTYPES.get(name, np.float32)
            if array.dtype != dtype:
                raise ValueError(f"{name} has dtype {array.dtype}, expected {np.dtype(dtype)}")
            if not any(_fits(array.shape, (n, *tail)) for tail in tails):
                wanted = " or ".join(_shape_text((n, *tail)) for tail in tails)
                raise ValueError(f"{name} has shape {array.shape}, expected {wanted}")

    @classmethod
    def empty(cls) -> Faces:
        """No faces: what a picture without any gives."""
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
        """The faces that `index` (a mask, positions or a slice) picks, in that order."""
        picked = {
            f.name: array[index]
            for f in fields(self)
            if (array := getattr(self, f.name)) is not None
        }
        return Faces(**picked)

    @property
    def mask_sure(self) -> NDArray[np.bool_]:
        """(n,) whether each mask answer is to be trusted."""
        return _sure(self.mask_doubt, len(self))

    @property
    def emotion_sure(self) -> NDArray[np.bool_]:
        """(n,) whether each emotion is to be trusted."""
        return _sure(self.emotion_doubt, len(self))

    def mask_of(self, i: int) -> tuple[str, float] | None:
        """Face i's mask label or `UNSURE`, and the top probability; None where unknown."""
        if self.mask_prob is None:
            return None
        return label_of(self.mask_prob[i], MASK_LABELS, sure=bool(self.mask_sure[i]))

    def emotion_of(self, i: int) -> tuple[str, float] | None:
        """Face i's emotion or `UNSURE`, and the top probability; None where unknown."""
        if self.emotion_prob is None:
            return None
        return label_of(self.emotion_prob[i], EMOTION_LABELS, sure=bool(self.emotion_sure[i]))

    def gender_of(self, i: int) -> tuple[str, float] | None:
        """Face i's gender label or `UNSURE`, and the top probability; None where unknown."""
        if self.gender_prob is None:
            return None
        sure = self.gender_doubt is None or self.gender_doubt[i] == 0
        return label_of(self.gender_prob[i], GENDER_LABELS, sure=bool(sure))

    def mask_doubts(self, i: int) -> list[Doubt]:
        """Why face i's mask answer is unsure; empty where it is sure."""
        return [] if self.mask_doubt is None else list(Doubt(int(self.mask_doubt[i])))

    def emotion_doubts(self, i: int) -> list[Doubt]:
        """Why face i's emotion is unsure; empty where it is sure."""
        return [] if self.emotion_doubt is None else list(Doubt(int(self.emotion_doubt[i])))

    def gender_doubts(self, i: int) -> list[Doubt]:
        """Why face i's gender answer is unsure; empty where it is sure."""
        return [] if self.gender_doubt is None else list(Doubt(int(self.gender_doubt[i])))

    def with_(self, **arrays: Any) -> Faces:
        """A copy in which the named arrays are replaced."""
        return replace(self, **arrays)

    @staticmethod
    def concatenate(parts: Sequence[Faces]) -> Faces:
        """All faces of `parts`, in order; an array that one non-empty part lacks becomes None."""
        filled = [part for part in parts if len(part)]
        if not filled:
            return Faces.empty()
        merged: dict[str, Any] = {}
        for f in fields(Faces):
            arrays = [getattr(part, f.name) for part in filled]
            complete = all(a is not None for a in arrays)
            merged[f.name] = np.concatenate(arrays) if complete else None
        return Faces(**merged)


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """The faces of one frame and what finding them took.

    Attributes:
        faces: the faces, empty when there are none.
        size_wh: width and height of the frame in pixels.
        time_s: when the frame was captured, on the caller's clock.
        timings_ms: milliseconds by stage; stages that did not run are missing.
    """

    faces: Faces
    size_wh: tuple[int, int]
    time_s: float
    timings_ms: Mapping[str, float] = field(default_factory=dict)


def label_of(prob: F32, labels: Sequence[str], sure: bool = True) -> tuple[str, float] | None:
    """The likeliest label of one (k,) row and its probability.

    Returns:
        `UNSURE` in the label's place where the answer is not sure; None where the row is NaN.
    """
    if np.isnan(prob).any():
        return None
    best = int(prob.argmax())
    return labels[best] if sure else UNSURE, float(prob[best])


def _sure(doubt: NDArray[np.uint8] | None, count: int) -> NDArray[np.bool_]:
    return np.ones(count, np.bool_) if doubt is None else doubt == 0


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        w is None or s == w for s, w in zip(shape, wanted, strict=True)
    )


def _shape_text(shape: tuple[int | None, ...]) -> str:
    inner = ", ".join("any" if s is None else str(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
