"""Weighted boxes fusion against its authors' implementation, the ensemble-boxes package."""

from __future__ import annotations

import numpy as np
import pytest
from ensemble_boxes import weighted_boxes_fusion as reference
from hypothesis import assume, given
from hypothesis import strategies as st

from realtime.core.arrays import F32
from realtime.detect.fusion import weighted_boxes_fusion

MIN_IOU = 0.4321


@st.composite
def detections(draw: st.DrawFn) -> tuple[list[F32], list[F32], list[float]]:
    """Boxes in the unit square, scores and a weight for one to four detectors."""
    counts = draw(st.lists(st.integers(0, 8), min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, n_groups = sum(counts), draw(st.integers(1, 4))
    # Boxes scatter about a few centres, so that some overlap a lot and others not at all.
    centre = rng.uniform(0.2, 0.8, (n_groups, 2))[rng.integers(n_groups, size=n)]
    centre += rng.normal(0, draw(st.sampled_from([0.0, 0.01, 0.05])), (n, 2))
    half = rng.uniform(0.05, 0.15, (n, 2))
    xyxy = np.clip(np.concatenate([centre - half, centre + half], axis=1), 0, 1)
    xyxy = xyxy.astype(np.float32)
    score = rng.uniform(0.01, 1, n).astype(np.float32)
    ends = np.cumsum(counts)[:-1]
    weights = [float(w) for w in rng.uniform(0.2, 3, len(counts))]
    return np.split(xyxy, ends), np.split(score, ends), weights


@given(detections())
def test_boxes_and_scores_equal_the_reference(
    drawn: tuple[list[F32], list[F32], list[float]],
) -> None:
    boxes, scores, weights = drawn
    expected_xyxy, expected_score, _ = reference(
        boxes, scores, [np.zeros(len(b)) for b in boxes], weights=weights, iou_thr=MIN_IOU
    )
    assume(len(np.unique(expected_score.round(5))) == len(expected_score))  # ties have no order
    xyxy, score = weighted_boxes_fusion(boxes, scores, weights=weights, min_iou=MIN_IOU)
    np.testing.assert_allclose(score, expected_score, atol=1e-5)
    np.testing.assert_allclose(xyxy, expected_xyxy, atol=1e-5)


@pytest.mark.parametrize("n_detectors", [0, 1, 3])
def test_no_boxes_give_no_boxes(n_detectors: int) -> None:
    none = [np.zeros((0, 4), np.float32)] * n_detectors
    scores = [np.zeros(0, np.float32)] * n_detectors
    xyxy, score = weighted_boxes_fusion(none, scores, weights=[1.0] * n_detectors, min_iou=0.5)
    assert xyxy.shape == (0, 4)
    assert score.shape == (0,)


def test_a_score_of_zero_leaves_the_box_unchanged() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    zero = np.zeros(1, np.float32)
    xyxy, score = weighted_boxes_fusion([box, box], [zero, zero], weights=[1, 1], min_iou=0.5)
    np.testing.assert_array_equal(xyxy, box)
    np.testing.assert_array_equal(score, zero)


def test_each_box_needs_a_score() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    with pytest.raises(ValueError, match="1 boxes, 2 scores"):
        weighted_boxes_fusion([box], [np.ones(2, np.float32)], weights=[1], min_iou=0.5)
