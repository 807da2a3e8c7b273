"""Non-maximum suppression: one face instead of several boxes on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import Faces
from realtime.core.geometry import iou, overlap_of_smaller


def greedy_groups(conflicts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Assign each candidate to the first candidate kept that it conflicts with.

    Candidates are visited in order: one that is not yet assigned is kept, and every later
    unassigned candidate that conflicts with it joins its group.

    Args:
        conflicts: (n, n), whether row i and column j cannot both be kept; best candidate first.

    Returns:
        (n,) the position of the kept candidate of each group; its own position if it is kept.
    """
    keeper = np.full(len(conflicts), -1, np.intp)
    for i in range(len(conflicts)):
        if keeper[i] < 0:
            keeper[(keeper < 0) & conflicts[i]] = i
            keeper[i] = i
    return keeper


def greedy_keep(conflicts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep each candidate that conflicts with no better candidate kept before it.

    Args:
        conflicts: (n, n), whether row i and column j cannot both be kept; best candidate first.

    Returns:
        (n,) which candidates are kept.
    """
    kept: NDArray[np.bool_] = greedy_groups(conflicts) == np.arange(len(conflicts))
    return kept


def weighted_nms(faces: Faces, *, max_iou: float) -> Faces:
    """BlazeFace's suppression: each face kept becomes the score-weighted mean of its group.

    The mean jitters less from frame to frame than the best box alone (BlazeFace, section 4,
    https://arxiv.org/abs/1907.05047).

    Args:
        faces: boxes, scores and key points.
        max_iou: overlap above which two boxes belong to one face.

    Returns:
        One face per group, best first: mean box and key points, and the group's best score.

    Raises:
        ValueError: `faces` has no key points.
    """
    if faces.keypoints is None:
        raise ValueError("weighted_nms needs key points")
    faces = faces[np.argsort(-faces.score, kind="stable")]
    if not len(faces):
        return faces
    assert faces.keypoints is not None
    values = np.concatenate([faces.xyxy, faces.keypoints.reshape(len(faces), -1)], axis=1)
    keeper = greedy_groups(iou(faces.xyxy, faces.xyxy) > max_iou)
    kept = np.unique(keeper)
    means = np.stack(
        [np.average(values[keeper == k], axis=0, weights=faces.score[keeper == k]) for k in kept]
    ).astype(np.float32)
    return Faces(
        xyxy=means[:, :4],
        score=faces.score[kept],
        keypoints=means[:, 4:].reshape(len(kept), -1, 2),
    )


def suppress_contained(faces: Faces, *, max_share: float) -> Faces:
    """Drop faces that lie inside a face with a better score, or that enclose one.

    Part of a large face can look like a face itself. Intersection over union misses that, because
    one box is much smaller than the other.

    Args:
        faces: the detections.
        max_share: share of the smaller box inside the larger above which one of them is dropped.

    Returns:
        The faces kept, best score first.
    """
    faces = faces[np.argsort(-faces.score, kind="stable")]
    return faces[greedy_keep(overlap_of_smaller(faces.xyxy, faces.xyxy) > max_share)]
