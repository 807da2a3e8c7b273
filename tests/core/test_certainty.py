"""Detector and mesh together: a face that the mesh does not see needs a better score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.certainty import UNSEEN_MARGIN, certainty

shares = st.floats(0, 1, width=32)


@given(shares, shares, shares)
def test_it_grows_with_score_and_presence(score: float, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    values = certainty(np.full(4, score, np.float32), np.array([0, low, high, 1], np.float32))
    assert (np.diff(values) >= 0).all()
    assert values[-1] == pytest.approx(score)
    assert values[0] == pytest.approx(score - UNSEEN_MARGIN, abs=1e-6)
