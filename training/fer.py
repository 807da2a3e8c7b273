"""FER-2013 with FER+ votes: rows, soft labels, and crops.

Labels: https://arxiv.org/abs/1608.01041 (ten annotators vote on every picture).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.faces import EMOTION_LABELS, F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cached, cut_all, settings_of, whole_box
from training.data import Archive

SPLITS = ("train", "public_test", "private_test")
_VOTES = {
    "angry": "votes_anger",
    "disgust": "votes_disgust",
    "fear": "votes_fear",
    "happy": "votes_happiness",
    "sad": "votes_sadness",
    "surprise": "votes_surprise",
    "neutral": "votes_neutral",
}
_OTHER_VOTES = ("votes_contempt", "votes_unknown", "votes_NF")
# FER+'s words for its majority, by our label.
MAJORITY = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
}


@dataclass(frozen=True, slots=True, eq=False)
class FerSet:
    """Crops of one split and what is known of them.

    Attributes:
        crops: (n, side, side, 1) uint8.
        soft: (n, 7) float32, the share of votes of each emotion; rows sum to one.
        majority: (n,) int64, the FER+ majority's label, -1 where it is none of the seven.
        other: (n,) float32, share of votes for contempt, unknown or not a face.
        in_test: (n,) bool, training pictures that are also in a test split.
        official: (n,) int64, FER-2013's own label, -1 where it gives two.
        outline: (n, 30, 2) float32, the mesh points `training.crops.OUTLINE` in pixels of the crop.
        yaw_deg: (n,) float32, how far each face is turned to the side.
    """

    crops: NDArray[np.uint8]
    soft: F32
    majority: NDArray[np.int64]
    other: F32
    in_test: NDArray[np.bool_]
    official: NDArray[np.int64]
    outline: F32
    yaw_deg: F32

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.int64] | slice) -> FerSet:
        return FerSet(
            self.crops[index],
            self.soft[index],
            self.majority[index],
            self.other[index],
            self.in_test[index],
            self.official[index],
            self.outline[index],
            self.yaw_deg[index],
        )


def majority_label(name: str) -> int:
    """Position in `EMOTION_LABELS` of a FER+ majority; -1 for contempt, unknown, NF and ties."""
    return EMOTION_LABELS.index(MAJORITY[name]) if name in MAJORITY else -1


def official_label(name: str) -> int:
    """Position in `EMOTION_LABELS` of FER-2013's own label; -1 where it names two."""
    return EMOTION_LABELS.index(name) if name in EMOTION_LABELS else -1


def soft_labels(votes: F32) -> F32:
    """Votes (n, 7) as shares that sum to one; even shares where nobody voted for any of them.

    As in the FER+ authors' own code a lone vote is an outlier and dropped, unless all are.
    """
    firm = np.where(votes > 1, votes, 0)
    votes = np.where(firm.sum(axis=1, keepdims=True) > 0, firm, votes)
    total = votes.sum(axis=1, keepdims=True)
    even = np.full_like(votes, 1 / votes.shape[1], dtype=np.float32)
    return np.divide(votes, total, out=even, where=total > 0)


def read_fer(data: Path, split: str, spec: CropSpec, *, limit: int | None = None) -> FerSet:
    """Crops and labels of one split, cut and cached on first use.

    Args:
        data: the folder with fer2013.zip.
        split: one of `SPLITS`.
        spec: how the crops are cut.
        limit: at most that many pictures, spread over the split.
    """
    with Archive(data, "fer2013") as archive:
        columns = (
            *("path", "split", "fer2013_label", "ferplus_majority", "also_in_test"),
            *_VOTES.values(),
        )
        rows = [r for r in archive.table("labels.csv", columns) if r["split"] == split]
        if limit is not None and limit < len(rows):
            rows = rows[:: len(rows) // limit][:limit]

        def build() -> Arrays:
            def items() -> Iterator[tuple[Frame, F32]]:
                for row in rows:
                    picture = archive.picture(row["path"])
                    yield picture, whole_box(picture)

            return cut_all(Cropper(spec), items(), total=len(rows), title=f"fer2013 {split}")

        key = settings_of(spec, archive.fingerprint(), split=split, limit=limit)
        arrays = cached(f"fer2013-{split}", key, build)
    votes = np.array([[float(r[_VOTES[e]]) for e in EMOTION_LABELS] for r in rows], np.float32)
    other = np.array([sum(float(r[c]) for c in _OTHER_VOTES) for r in rows], np.float32)
    return FerSet(
        arrays["crops"],
        soft_labels(votes),
        np.array([majority_label(r["ferplus_majority"]) for r in rows], np.int64),
        other / np.maximum(other + votes.sum(axis=1), 1),
        np.array([r["also_in_test"] not in ("0", "", "False") for r in rows]),
        np.array([official_label(r["fer2013_label"]) for r in rows], np.int64),
        arrays["outline"],
        arrays["yaw_deg"],
    )


def trainable(faces: FerSet) -> NDArray[np.bool_]:
    """Which pictures to learn from: not in a test split, and mostly voted one of the seven."""
    keep: NDArray[np.bool_] = ~faces.in_test & (faces.other <= 0.5)
    return keep
