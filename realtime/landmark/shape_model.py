"""A dlib shape predictor as arrays, stored in a seventh of the size of dlib's own file.

One Millisecond Face Alignment with an Ensemble of Regression Trees,
https://doi.org/10.1109/CVPR.2014.241. Nearly all of such a model is the offsets in its trees'
leaves. dlib writes each of them as a float of six bytes; here they are multiples of one small step,
whose upper bytes compress well. `dlib_bytes` restores dlib's own format, which dlib itself runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.landmark.npz import read_arrays

Bytes = NDArray[np.uint8]
_VERSION = 1  # of dlib's format


@dataclass(frozen=True, slots=True, eq=False)
class ShapeModel:
    """c levels of t trees with s splits and s + 1 leaves each, over f pixels and p points.

    Attributes:
        initial_shape: (2p,) float32, x before y, relative to the box: the mean shape, from which
            the search begins.
        anchors: (c, f) uint8, the point relative to which each pixel is read.
        deltas: (c, f, 2) float32, the offset from that point.
        pixels: (c, t, s, 2) uint16, the two pixels that each split compares.
        thresholds: (c, t, s) float32, by how much the first must be brighter to go left.
        leaves: (c, t, s + 1, 2p) float32, the offsets that each leaf adds to the shape.
    """

    initial_shape: F32
    anchors: NDArray[np.uint8]
    deltas: F32
    pixels: NDArray[np.uint16]
    thresholds: F32
    leaves: F32

    def first(self, levels: int) -> ShapeModel:
        """The model cut after that many levels: smaller, faster and less accurate."""
        return replace(
            self,
            anchors=self.anchors[:levels],
            deltas=self.deltas[:levels],
            pixels=self.pixels[:levels],
            thresholds=self.thresholds[:levels],
            leaves=self.leaves[:levels],
        )

    def dlib_bytes(self) -> bytes:
        """The model in dlib's own file format."""
        levels, trees, splits = self.thresholds.shape
        head = [_small(_VERSION), _column(self.initial_shape), _small(levels)]
        split_bytes = np.concatenate(
            [_integers(self.pixels), _floats(self.thresholds[..., None])], axis=3
        ).reshape(levels, trees, -1)
        sizes = self.leaves.shape[3]
        dims = np.frombuffer(_dimensions(sizes), np.uint8)
        dims = np.broadcast_to(dims, (*self.leaves.shape[:3], len(dims)))
        leaf_bytes = np.concatenate([dims, _floats(self.leaves)], axis=3)
        before = np.frombuffer(_small(splits), np.uint8)
        between = np.frombuffer(_small(splits + 1), np.uint8)
        forest = np.concatenate(
            [
                np.broadcast_to(before, (levels, trees, len(before))),
                split_bytes,
                np.broadcast_to(between, (levels, trees, len(between))),
                leaf_bytes.reshape(levels, trees, -1),
            ],
            axis=2,
        )
        body = [_small(trees) + level.tobytes() for level in forest]
        anchors = [_small(len(a)) + _integers(a[:, None]).tobytes() for a in self.anchors]
        deltas = [_small(len(d)) + _floats(d).tobytes() for d in self.deltas]
        return b"".join([*head, *body, _small(levels), *anchors, _small(levels), *deltas])

    def write(self, path: Path, *, step: float) -> None:
        """Write the model, its leaves rounded to multiples of `step` (of the box's side)."""
        counts = np.clip(np.rint(self.leaves / step), -32_768, 32_767).astype("<i2")
        planes = np.moveaxis(counts.view(np.uint8).reshape(*counts.shape, 2), -1, 0)
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                initial_shape=self.initial_shape,
                anchors=self.anchors,
                deltas=self.deltas.astype(np.float16),
                pixels=self.pixels,
                thresholds=self.thresholds.astype(np.float16),
                # Byte planes: the upper bytes are nearly all equal and compress to almost nothing.
                leaves=planes,
                step=np.float32(step),
            )

    @classmethod
    def read(cls, path: Path) -> ShapeModel:
        """Read a file that `write` has written.

        Raises:
            LandmarkFileError: the file is missing, damaged or something else.
        """
        names = ("initial_shape", "anchors", "deltas", "pixels", "thresholds", "leaves", "step")
        stored = read_arrays(path, names)
        planes = np.ascontiguousarray(np.moveaxis(stored["leaves"], 0, -1))
        return cls(
            stored["initial_shape"],
            stored["anchors"],
            stored["deltas"].astype(np.float32),
            stored["pixels"],
            stored["thresholds"].astype(np.float32),
            planes.view("<i2")[..., 0].astype(np.float32) * stored["step"],
        )


def _small(value: int) -> bytes:
    """An integer as dlib writes it: the number of bytes, then the bytes, lowest first."""
    size = max(1, (value.bit_length() + 7) // 8)
    return bytes([size]) + value.to_bytes(size, "little")


def _dimensions(rows: int) -> bytes:
    """The size of a column vector: rows and columns, negated, which marks dlib's newer format."""
    size = _small(rows)
    return bytes([size[0] | 0x80]) + size[1:] + b"\x81\x01"


def _column(values: F32) -> bytes:
    return _dimensions(len(values)) + _floats(values).tobytes()


def _integers(values: NDArray[Any]) -> Bytes:
    """Integers up to 65535, three bytes each: (..., k) becomes (..., 3 k)."""
    out = np.empty((*values.shape, 3), np.uint8)
    out[..., 0] = 2
    out[..., 1:] = np.ascontiguousarray(values, "<u2")[..., None].view(np.uint8)
    return out.reshape(*values.shape[:-1], -1)


def _floats(values: F32) -> Bytes:
    """float32 as dlib writes them, mantissa and exponent: (..., k) becomes (..., 6 k)."""
    bits = np.ascontiguousarray(values, "<f4").view("<u4")
    exponent = ((bits >> 23) & 0xFF).astype(np.int16)
    mantissa = np.where(exponent > 0, (bits & 0x7FFFFF) | 0x800000, 0).astype("<u4")
    power = exponent - 150
    out = np.empty((*values.shape, 6), np.uint8)
    out[..., 0] = 3 | ((bits >> 24) & 0x80)
    out[..., 1:4] = mantissa[..., None].view(np.uint8)[..., :3]
    out[..., 4] = 1 | np.where(power < 0, 0x80, 0)
    out[..., 5] = np.abs(power)
    return out.reshape(*values.shape[:-1], -1)
