"""Parsing dlib's shape predictor format into arrays, which can be truncated and compressed."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import dlib
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.shape_model import ShapeModel

T = TypeVar("T", bound=NDArray[Any])


def model_of(predictor: dlib.shape_predictor) -> ShapeModel:
    """The arrays of a trained shape predictor."""
    return parse(predictor.__getstate__()[0])


def parse(data: bytes) -> ShapeModel:
    """The arrays of a shape predictor in dlib's file format; all trees must have equal depth."""
    numbers = _Reader(_integers(data))
    numbers.take(1)  # format version
    initial = numbers.column()
    levels = numbers.count()
    pixels: list[NDArray[np.uint16]] = []
    thresholds: list[F32] = []
    leaves: list[F32] = []
    for _ in range(levels):
        for _ in range(numbers.count()):
            splits = numbers.take(4 * numbers.count()).reshape(-1, 4)
            pixels.append(splits[:, :2].astype(np.uint16))
            thresholds.append(_as_floats(splits[:, 2:]))
            leaves.append(np.stack([numbers.column() for _ in range(numbers.count())]))
    numbers.take(1)
    anchors = [numbers.take(numbers.count()) for _ in range(levels)]
    numbers.take(1)
    deltas = [_as_floats(numbers.take(4 * numbers.count()).reshape(-1, 2)) for _ in range(levels)]

    def by_level(values: list[T]) -> T:
        stacked = np.stack(values)
        return cast(T, stacked.reshape(levels, -1, *stacked.shape[1:]))

    return ShapeModel(
        initial,
        np.array(anchors, np.uint8),
        np.array(deltas, np.float32).reshape(levels, -1, 2),
        by_level(pixels),
        by_level(thresholds),
        by_level(leaves),
    )


def _integers(data: bytes) -> NDArray[np.int64]:
    """All integers of the file, each stored as a byte with sign and length, then its bytes."""
    offsets, at, end = array("q"), 0, len(data)
    while at < end:
        offsets.append(at)
        at += 1 + (data[at] & 15)
    start = np.frombuffer(offsets, np.int64)
    buffer = np.frombuffer(data + bytes(8), np.uint8)
    lead = buffer[start]
    size = lead & 15
    value = np.zeros(len(start), np.int64)
    for i in range(int(size.max(initial=0))):
        byte = buffer[start + 1 + i].astype(np.int64)
        value |= np.where(i < size, byte, 0) << (8 * i)
    return np.where(lead & 0x80, -value, value)


def _as_floats(pairs: NDArray[np.int64]) -> F32:
    """Convert mantissas and exponents (n, 2) to floats (n,)."""
    return np.ldexp(pairs[:, 0].astype(np.float64), pairs[:, 1].astype(np.int32)).astype(np.float32)


@dataclass
class _Reader:
    """Sequential reader of a file's integers."""

    all: NDArray[np.int64]
    at: int = 0

    def take(self, count: int) -> NDArray[np.int64]:
        self.at += count
        return self.all[self.at - count : self.at]

    def count(self) -> int:
        return int(self.take(1)[0])

    def column(self) -> F32:
        rows = -self.count()
        self.take(1)
        return _as_floats(self.take(2 * rows).reshape(-1, 2))
