"""The common interface of all formats of FER-2013: pictures, labels and votes of a split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Frame

SPLITS = ("train", "public_test", "private_test")
VOTED, UNVOTED = "FER+ majority", "FER-2013's own label"


@dataclass(frozen=True, slots=True, eq=False)
class FerRows:
    """Uncropped pictures and labels of one split.

    Attributes:
        name: file and split, such as `fer2013.csv PublicTest`.
        fingerprint: hash of the source, for caches.
        picture: reads the picture at a position as (h, w, 3) uint8 BGR.
        official: (n,) int64, FER-2013's own label, -1 if it names two.
        votes: (n, 10) float32 in the order of `fer_labels.VOTES`; None without FER+.
        majority: (n,) int64, label to evaluate against, -1 for none.
        in_test: (n,) bool, pictures that are also in a test split.
    """

    name: str
    fingerprint: str
    picture: Callable[[int], Frame]
    official: NDArray[np.int64]
    votes: F32 | None
    majority: NDArray[np.int64]
    in_test: NDArray[np.bool_]

    @property
    def truth(self) -> str:
        """Origin of `majority`, for the model card."""
        return UNVOTED if self.votes is None else VOTED


def digest(picture: NDArray[np.uint8]) -> bytes:
    """A hash of a picture's pixels, independent of the file format."""
    shape = "x".join(map(str, picture.shape)).encode()
    return hashlib.blake2b(picture.tobytes() + shape, digest_size=16).digest()
