"""Near-duplicate detection by difference hashes, so that no split separates near-duplicates."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_BIT_COUNTS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1)


def hashes(pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """64-bit difference hashes of pictures (h, w) or (h, w, c) as (n, 8) uint8."""
    rows = []
    for picture in pictures:
        gray = picture if picture.ndim == 2 else picture.mean(axis=2).astype(np.uint8)
        small = cv2.resize(gray, (9, 8), interpolation=cv2.INTER_AREA).astype(int)
        rows.append(np.packbits(small[:, 1:] > small[:, :-1]))
    return np.array(rows, np.uint8).reshape(-1, 8)


def close_pairs(
    a: NDArray[np.uint8], b: NDArray[np.uint8], *, max_bits: int
) -> Iterable[tuple[int, NDArray[np.intp]]]:
    """Pairs of hashes that differ in at most `max_bits` bits.

    Yields:
        For each row of `a` with a match: its position and the positions of its matches in `b`.
    """
    for i, row in enumerate(a):
        near = np.flatnonzero(_BIT_COUNTS[b ^ row].sum(axis=1) <= max_bits)
        if len(near):
            yield i, near


def group(codes: NDArray[np.uint8], *, max_bits: int = 6) -> NDArray[np.int64]:
    """Single-linkage clusters of hashes (n, 8): a group number (n,) per hash.

    Hashes that differ in at most `max_bits` bits share a group, transitively.
    """
    parent = np.arange(len(codes))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    for i, near in close_pairs(codes, codes, max_bits=max_bits):
        for j in near[near > i]:
            parent[root(int(j))] = root(i)
    return np.array([root(i) for i in range(len(codes))], np.int64)


def held_out(groups: NDArray[np.int64], *, share: float, seed: int) -> NDArray[np.bool_]:
    """Which rows (n,) to hold out: whole groups, about `share` of them; the same for a seed."""
    # Hash the group number, so that other crops of the same pictures are split the same way.
    mixed = (groups.astype(np.uint64) + np.uint64(1 + 1000003 * seed)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    uniform = (mixed >> np.uint64(32)).astype(np.float64) / 2**32
    result: NDArray[np.bool_] = uniform < share
    return result


def joined(
    groups: Sequence[NDArray[np.int64]], codes: Sequence[NDArray[np.uint8]]
) -> list[NDArray[np.int64]]:
    """Group numbers over several sources: groups that share a picture become one.

    Only equal hashes join sources: with more bits, sets of aligned portraits grow into one group.

    Args:
        groups: near-duplicate groups (n,) within each source.
        codes: difference hashes (n, 8) of the same pictures.

    Returns:
        A group number (n,) per picture of each source.
    """
    parent: dict[Hashable, Hashable] = {}

    def root(key: Hashable) -> Hashable:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for i, (numbers, rows) in enumerate(zip(groups, codes, strict=True)):
        for number, row in zip(numbers, rows, strict=True):
            parent[root((i, int(number)))] = root(row.tobytes())
    # The smallest hash names a group, so that it has the same number with other sources beside it.
    name: dict[Hashable, bytes] = {}
    for row in np.unique(np.concatenate([*codes, np.zeros((0, 8), np.uint8)]), axis=0):
        name.setdefault(root(row.tobytes()), row.tobytes())
    return [
        np.array([int.from_bytes(name[root((i, int(k)))], "big") >> 1 for k in numbers], np.int64)
        for i, numbers in enumerate(groups)
    ]
