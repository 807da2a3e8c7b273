"""How certain our own detector and the face mesh together are of a face."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32

# How much better the score of our own detector must be where the mesh sees no face. Chosen with the
# thresholds, by `python -m benchmarks thresholds`.
UNSEEN_MARGIN = 0.2


def certainty(score: F32, presence: F32) -> F32:
    """Lower the scores (n,) where the presences (n,) of the mesh are low: (n,).

    Args:
        score: the detector's, 0 to 1.
        presence: the mesh's, 0 to 1.
    """
    return np.asarray(score - UNSEEN_MARGIN * (1 - presence), np.float32)
