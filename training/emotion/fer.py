"""FER-2013 crops and labels, with FER+ votes as soft labels if available."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cache_key, cached, cut_all, whole_box
from training.data import DataError
from training.emotion.fer_labels import other_share, seven_class_votes, soft_labels
from training.emotion.fer_rows import VOTED
from training.emotion.fer_sources import open_rows
from training.folders import thinned

MARGIN = 1.25  # side of crops that are shifted or turned, relative to the network's


@dataclass(frozen=True, slots=True, eq=False)
class FerSet:
    """Crops and labels of one split.

    Attributes:
        crops: (n, side, side, 1) uint8.
        soft: (n, 7) float32, vote shares by emotion, rows sum to one; one-hot official labels
            without votes.
        majority: (n,) int64, FER+ majority label, -1 if it is none of the seven; the official
            label without votes.
        other: (n,) float32, share of votes for contempt, unknown or not a face; 0 without votes.
        in_test: (n,) bool, training pictures that are also in a test split.
        official: (n,) int64, FER-2013's own label, -1 if it names two.
        outline: (n, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        yaw_deg: (n,) float32, head yaw.
        truth: origin of `majority`, for tables and cards: `fer_rows.VOTED` or `UNVOTED`.
        source: origin of the pictures, such as `fer2013.csv PrivateTest`.
    """

    crops: NDArray[np.uint8]
    soft: F32
    majority: NDArray[np.int64]
    other: F32
    in_test: NDArray[np.bool_]
    official: NDArray[np.int64]
    outline: F32
    yaw_deg: F32
    truth: str = VOTED
    source: str = "fer2013.zip"

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
            self.truth,
            self.source,
        )


def read_fer(data: Path, split: str, spec: CropSpec, *, limit: int | None = None) -> FerSet:
    """Crops and labels of one split; crops are cached on disk.

    Args:
        data: folder with FER-2013 in any format of `fer_sources.open_rows`.
        split: one of `fer_rows.SPLITS`.
        spec: how the crops are cut.
        limit: maximum number of pictures, evenly spaced over the split.

    Raises:
        DataError: FER-2013 is missing or malformed.
    """
    with open_rows(data, split) as rows:
        index = np.arange(len(rows.official))[thinned(len(rows.official), limit)]
        if len(index) == 0:
            raise DataError(f"{rows.name} contains no pictures.")

        def build() -> Arrays:
            def items() -> Iterator[tuple[Frame, F32]]:
                for i in index:
                    picture = rows.picture(int(i))
                    yield picture, whole_box(picture)

            return cut_all(Cropper(spec), items(), total=len(index), title=f"FER-2013 {split}")

        key = cache_key(spec, rows.fingerprint, split=split, limit=limit)
        arrays = cached(f"fer2013-{split}", key, build)
    official, majority = rows.official[index], rows.majority[index]
    if rows.votes is None:
        soft = np.eye(len(EMOTION.labels), dtype=np.float32)[majority]
        other = np.zeros(len(index), np.float32)
    else:
        votes = rows.votes[index]
        soft, other = soft_labels(seven_class_votes(votes)), other_share(votes)
    return FerSet(
        arrays["crops"],
        soft,
        majority,
        other,
        rows.in_test[index],
        official,
        arrays["outline"],
        arrays["yaw_deg"],
        rows.truth,
        rows.name,
    )


def trainable(faces: FerSet) -> NDArray[np.bool_]:
    """Pictures to train on (n,): not in a test split, and at most half of the votes for others."""
    keep: NDArray[np.bool_] = ~faces.in_test & (faces.other <= 0.5)
    return keep
