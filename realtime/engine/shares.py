"""Max-min fair shares: nobody gets more than it wants, and what is left is shared evenly."""

from __future__ import annotations

from collections.abc import Sequence


def fair_shares(demands: Sequence[float], budget: float) -> list[float]:
    """Divide a budget.

    Args:
        demands: what each one could use, at least 0.
        budget: what there is.

    Returns:
        One share per demand: the demand itself, or the same largest share as all others whose
        demand is not met. The shares add up to the budget, or to the demands if those are less.

    Example:
        >>> fair_shares([0.1, 0.9, 0.6], 1.0)
        [0.1, 0.45, 0.45]
    """
    shares = [0.0] * len(demands)
    ascending = sorted(range(len(demands)), key=lambda i: demands[i])
    left = max(0.0, budget)
    for done, i in enumerate(ascending):
        shares[i] = min(demands[i], left / (len(demands) - done))
        left -= shares[i]
    return shares
