"""Pairs rows with columns, each at most once."""

from __future__ import annotations

from realtime.core.arrays import F32


def best_pairs(value: F32) -> list[tuple[int, int]]:
    """Pairs (row, column) of an (n, m) array, the greatest value first; 0 is no pair.

    With few faces the result is hardly ever other than that of an optimal assignment, which
    would need SciPy.

    Example:
        >>> import numpy as np
        >>> best_pairs(np.array([[0.9, 0.5], [0.8, 0.0]], np.float32))
        [(0, 0)]
    """
    pairs, left = [], value.copy()
    while left.size:
        row, column = divmod(int(left.argmax()), left.shape[1])
        if left[row, column] <= 0:
            break
        pairs.append((row, column))
        left[row], left[:, column] = 0, 0
    return pairs
