"""Weighted boxes fusion: one box for each object from the boxes of several detectors.

Solovyev, Wang and Gabruseva: Weighted boxes fusion: Ensembling boxes from different object
detection models, https://arxiv.org/abs/1910.13302. Non-maximum suppression keeps one of several
overlapping boxes; this averages them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.core.geometry import iou


def weighted_boxes_fusion(
    boxes: Sequence[F32], scores: Sequence[F32], *, weights: Sequence[float], min_iou: float
) -> tuple[F32, F32]:
    """Fuse the boxes that several detectors predict for the same picture.

    Boxes are visited by descending weighted score. Each joins the cluster whose fused box it
    overlaps most, if by more than `min_iou`; otherwise it starts a new cluster. A fused box is the
    mean of its cluster, weighted by score times detector weight. Its score is the sum of the
    cluster's weighted scores over the sum of all weights, so a box that one of two equal detectors
    misses keeps half of its score. Several boxes of one detector do not raise the score above 1.

    Args:
        boxes: for each detector, boxes (n, 4) as xyxy, of positive area.
        scores: for each detector, its boxes' scores (n,), 0 to 1.
        weights: for each detector, its positive weight.
        min_iou: intersection over union above which two boxes show the same object.

    Returns:
        Fused boxes (m, 4) and their scores (m,), best first.

    Raises:
        ValueError: the sequences differ in length.

    Example:
        >>> left = np.array([[0, 0, 10, 10]], np.float32)
        >>> right = np.array([[2, 0, 12, 10]], np.float32)
        >>> score = np.array([0.5], np.float32)
        >>> weighted_boxes_fusion([left, right], [score, score], weights=[1, 1], min_iou=0.5)
        (array([[ 1.,  0., 11., 10.]], dtype=float32), array([0.5], dtype=float32))
    """
    xyxy, weighted = _by_weighted_score(boxes, scores, weights)
    fused = np.zeros_like(xyxy)  # one row a cluster; the first `n` are in use
    total = np.zeros(len(xyxy))  # sum of the cluster's weighted scores
    size = np.zeros(len(xyxy), np.intp)
    n = 0
    for box, value in zip(xyxy, weighted, strict=True):
        overlap = iou(box[None], fused[:n])[0]
        cluster = int(overlap.argmax()) if n else 0
        if n == 0 or overlap[cluster] <= min_iou:
            cluster, n = n, n + 1
            fused[cluster] = box
        size[cluster] += 1
        total[cluster] += value
        if total[cluster] > 0:
            fused[cluster] += (box - fused[cluster]) * (value / total[cluster])
    agreeing = np.minimum(size[:n], len(weights)) / size[:n]
    score = total[:n] * agreeing / np.sum(weights)
    order = np.argsort(-score, kind="stable")
    return fused[:n][order], score[order].astype(np.float32)


def _by_weighted_score(
    boxes: Sequence[F32], scores: Sequence[F32], weights: Sequence[float]
) -> tuple[F32, NDArray[np.float64]]:
    """All detectors' boxes (n, 4) and their weighted scores (n,), best first."""
    rows, values = [np.zeros((0, 4), np.float32)], [np.zeros(0)]
    for xyxy, score, weight in zip(boxes, scores, weights, strict=True):
        if len(xyxy) != len(score):
            raise ValueError(f"each box needs a score, got {len(xyxy)} boxes, {len(score)} scores")
        rows.append(np.asarray(xyxy, np.float32).reshape(-1, 4))
        values.append(np.asarray(score, np.float64) * weight)
    weighted = np.concatenate(values)
    order = np.argsort(-weighted, kind="stable")
    return np.concatenate(rows)[order], weighted[order]
