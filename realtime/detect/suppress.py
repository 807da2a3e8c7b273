"""Overlap of boxes, and suppression of several boxes on one face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces


def iou(a: F32, b: F32) -> F32:
    """Intersection over union of every box in `a` (n, 4) with every box in `b` (m, 4): (n, m)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.prod(np.clip(bottom_right - top_left, 0, None), axis=2)
    area_a = np.prod(np.clip(a[:, 2:] - a[:, :2], 0, None), axis=1)
    area_b = np.prod(np.clip(b[:, 2:] - b[:, :2], 0, None), axis=1)
    union = area_a[:, None] + area_b[None] - overlap
    result: F32 = np.divide(
        overlap, union, out=np.zeros_like(overlap, dtype=np.float32), where=union > 0
    )
    return result


def suppress(xyxy: F32, score: F32, *, max_iou: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression.

    Returns:
        Positions of the boxes kept, best score first; no two overlap by more than `max_iou`.
    """
    order = np.argsort(-score, kind="stable")
    overlap = iou(xyxy[order], xyxy[order])
    alive = np.ones(len(order), bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= overlap[i, i + 1 :] <= max_iou
    kept: NDArray[np.intp] = order[alive]
    return kept


def suppress_weighted(faces: Faces, *, max_iou: float) -> Faces:
    """BlazeFace's suppression: each kept face is the score-weighted mean of those it overlaps.

    The mean jitters less from frame to frame than the best box alone (BlazeFace, section 4,
    https://arxiv.org/abs/1907.05047).
    """
    if faces.keypoints is None:
        raise ValueError("suppress_weighted needs key points")
    flat = faces.keypoints.reshape(len(faces), 2 * faces.keypoints.shape[1])
    values = np.concatenate([faces.xyxy, flat], axis=1)
    order = np.argsort(-faces.score, kind="stable")
    overlap = iou(faces.xyxy[order], faces.xyxy[order])
    alive = np.ones(len(order), bool)
    merged, scores = [], []
    for i in range(len(order)):
        if not alive[i]:
            continue
        group = alive & (overlap[i] > max_iou)
        group[i] = True
        weight = faces.score[order[group]]
        merged.append(np.average(values[order[group]], axis=0, weights=weight))
        scores.append(faces.score[order[i]])
        alive &= ~group
    if not merged:
        return faces[:0]
    rows = np.stack(merged).astype(np.float32)
    return Faces(
        xyxy=rows[:, :4],
        score=np.asarray(scores, np.float32),
        keypoints=rows[:, 4:].reshape(len(rows), -1, 2),
    )


def suppress_contained(faces: Faces, *, most_share: float) -> Faces:
    """The faces, best score first, without those that lie in a surer one, or about it.

    A part of a large face may look like a face itself. Intersection over union does not notice
    that, for the one box is much smaller than the other.

    Args:
        faces: what was answered.
        most_share: of the smaller box that may lie in the larger.
    """
    order = np.argsort(-faces.score, kind="stable")
    faces = faces[order]
    shared = overlap_of_smaller(faces.xyxy, faces.xyxy) > most_share
    alive = np.ones(len(faces), bool)
    for i in range(len(faces)):
        if alive[i]:
            alive[i + 1 :] &= ~shared[i, i + 1 :]
    return faces[alive]


def overlap_of_smaller(a: F32, b: F32) -> F32:
    """Intersection over the area of the smaller box: (n, m) for boxes (n, 4) and (m, 4)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(bottom_right - top_left, 0, None), axis=2)
    areas = [np.prod(np.clip(x[:, 2:] - x[:, :2], 0, None), axis=1) for x in (a, b)]
    smaller = np.minimum(areas[0][:, None], areas[1][None])
    share: F32 = np.divide(
        shared, smaller, out=np.zeros_like(shared, dtype=np.float32), where=smaller > 0
    )
    return share
