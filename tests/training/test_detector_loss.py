"""The detector's loss, and that the running system decodes what the loss learned."""

import numpy as np
import pytest

from realtime.detect.facestream import STRIDES, cell_centres, decode
from training.detector.targets import targets

pytest.importorskip("keras")

SIDE = 320


def perfect(boxes: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The truth (1, cells, 16) of these faces, and answers (1, cells, 15) that are all right."""
    truth = targets(boxes, np.ones(len(boxes), bool), points, SIDE)
    answer = np.zeros((len(truth), 15), np.float32)
    answer[:, 0] = np.where(truth[:, 0] == 1, 9.0, -9.0)
    grids = [cell_centres(SIDE, SIDE, s) for s in STRIDES]
    centres = np.concatenate(grids)
    step = np.concatenate([np.full(len(g), s) for g, s in zip(grids, STRIDES, strict=True)])
    face = truth[:, 0] == 1
    box, c, s = truth[face, 1:5], centres[face], step[face, None]
    answer[face, 1:3] = ((box[:, :2] + box[:, 2:]) / 2 - c) / s
    answer[face, 3:5] = np.log((box[:, 2:] - box[:, :2]) / s)
    answer[face, 5:] = (truth[face, 5:15] - np.tile(c, (1, 5))) / s
    return truth[None], answer[None]


BOXES = np.array([[20, 30, 44, 60], [100, 90, 180, 200], [200, 10, 310, 150]], np.float32)
POINTS = BOXES[:, None, :2] + np.random.default_rng(0).uniform(5, 20, (3, 5, 2)).astype(np.float32)


def test_right_answers_cost_next_to_nothing_and_worse_ones_more() -> None:
    from training.detector.loss import detection_loss

    loss = detection_loss(SIDE)
    truth, answer = perfect(BOXES, POINTS)
    right = float(loss(truth, answer))
    assert right < 0.01
    for column, change in ((0, 12.0), (1, 0.5), (4, 0.4), (9, 1.0)):
        worse = answer.copy()
        worse[..., column] += change
        assert float(loss(truth, worse)) > right + 0.01


def test_points_that_are_not_known_cost_nothing() -> None:
    from training.detector.loss import detection_loss

    truth, answer = perfect(BOXES, np.full((3, 5, 2), np.nan, np.float32))
    answer[..., 5:] += 3
    assert float(detection_loss(SIDE)(truth, answer)) < 0.01


def test_a_picture_without_faces_has_a_finite_loss() -> None:
    from training.detector.loss import detection_loss

    truth, answer = perfect(BOXES[:0], POINTS[:0])
    assert 0 <= float(detection_loss(SIDE)(truth, answer)) < 0.01


def test_the_running_system_reads_answers_as_the_loss_does() -> None:
    _, answer = perfect(BOXES, POINTS)
    maps, start = [], 0
    for stride in STRIDES:
        cells = (SIDE // stride) ** 2
        level = answer[0, start : start + cells].reshape(SIDE // stride, SIDE // stride, 15)
        maps.append(level)
        start += cells
    faces = decode(maps, min_score=0.5)
    order = np.argsort(faces.xyxy[:, 0])
    np.testing.assert_allclose(faces.xyxy[order], BOXES, atol=0.01)
    assert faces.keypoints is not None
    np.testing.assert_allclose(faces.keypoints[order], POINTS, atol=0.01)


def test_the_network_answers_every_cell_of_any_size() -> None:
    from training.detector.command import flat
    from training.detector.network import DetectorSpec, build

    spec = DetectorSpec(widths=(4, 4, 8, 8, 8), blocks=(0, 1, 1, 1), neck=8)
    network = build(spec)
    maps = network(np.zeros((2, 96, 160, 3), np.float32))
    assert [tuple(m.shape) for m in maps] == [(2, 12, 20, 15), (2, 6, 10, 15), (2, 3, 5, 15)]
    rows = flat(network)(np.zeros((1, 64, 64, 3), np.float32))
    assert tuple(rows.shape) == (1, 64 + 16 + 4, 15)
