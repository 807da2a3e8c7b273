"""What every form of FER-2013 gives: a split's pictures, labels and votes, not yet cut."""

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
    """The pictures of one split, not yet cut.

    Attributes:
        name: the source and its split, such as `fer2013.csv PublicTest`.
        fingerprint: changes where the source does.
        picture: reads the picture at a position as (h, w, 3) uint8 BGR.
        official: (n,) int64, FER-2013's own label, -1 where it gives two.
        votes: (n, 10) float32 in the order of `fer_labels.VOTES`; None where nobody voted.
        majority: (n,) int64, what counts as right, -1 where nothing does.
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
        """What `majority` is, for a model's card."""
        return UNVOTED if self.votes is None else VOTED


def digest(picture: NDArray[np.uint8]) -> bytes:
    """A hash of a picture's pixels; the same picture has the same, however it was stored."""
    shape = "x".join(map(str, picture.shape)).encode()
    return hashlib.blake2b(picture.tobytes() + shape, digest_size=16).digest()


def repeated(digests: NDArray[np.bytes_], tested: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """Which of these pictures (n,) are among the tested ones, pixel by pixel."""
    found: NDArray[np.bool_] = np.isin(digests, tested)
    return found
