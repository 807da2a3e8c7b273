"""Intervals of shares: how far a few faces allow to say how often a network is right."""

from __future__ import annotations

import math

Z = 1.96  # two-sided 95 %


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval.

    Unlike a bootstrap it is not empty where all of a few faces are right.

    Args:
        hits: how many of them are right.
        n: how many there are.

    Returns:
        Lower and upper end; (0, 1) without faces.
    """
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, centre - half), min(1.0, centre + half)
