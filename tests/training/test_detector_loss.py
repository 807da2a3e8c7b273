"""The detector's loss, and its agreement with the decoder of the running system."""

import numpy as np
import pytest

from realtime.core.faces import F32
from realtime.detect.facestream import STRIDES, cell_centres, decode
from training.detector.targets import targets

pytest.importorskip("keras")

SIDE = 320


def perfect(boxes: F32, points: F32) -> tuple[F32, F32]:
    """Targets (1, cells, 16) for these faces, and outputs (1, cells, 15) that match them."""
    truth = targets(boxes, np.ones(len(boxes), bool), points, SIDE)
    output = np.zeros((len(truth), 15), np.float32)
    output[:, 0] = np.where(truth[:, 0] == 1, 9.0, -9.0)
    grids = [cell_centres(SIDE, SIDE, s) for s in STRIDES]
    centres = np.concatenate(grids)
    step = np.concatenate([np.full(len(g), s) for g, s in zip(grids, STRIDES, strict=True)])
    face = truth[:, 0] == 1
    box, c, s = truth[face, 1:5], centres[face], step[face, None]
    output[face, 1:3] = ((box[:, :2] + box[:, 2:]) / 2 - c) / s
    output[face, 3:5] = np.log((box[:, 2:] - box[:, :2]) / s)
    output[face, 5:] = (truth[face, 5:15] - np.tile(c, (1, 5))) / s
    return truth[None], output[None]


BOXES = np.array([[20, 30, 44, 60], [100, 90, 180, 200], [200, 10, 310, 150]], np.float32)
POINTS = BOXES[:, None, :2] + np.random.default_rng(0).uniform(5, 20, (3, 5, 2)).astype(np.float32)


def test_perfect_output_has_a_low_loss_and_errors_raise_it() -> None:
    from training.detector.loss import detection_loss

    loss = detection_loss(SIDE)
    truth, output = perfect(BOXES, POINTS)
    low = float(loss(truth, output))
    assert low < 0.01
    for column, change in ((0, 12.0), (1, 0.5), (4, 0.4), (9, 1.0)):
        worse = output.copy()
        worse[..., column] += change
        assert float(loss(truth, worse)) > low + 0.01


def test_unknown_points_are_ignored() -> None:
    from training.detector.loss import detection_loss

    truth, output = perfect(BOXES, np.full((3, 5, 2), np.nan, np.float32))
    output[..., 5:] += 3
    assert float(detection_loss(SIDE)(truth, output)) < 0.01


def test_loss_is_finite_without_faces() -> None:
    from training.detector.loss import detection_loss

    truth, output = perfect(BOXES[:0], POINTS[:0])
    assert 0 <= float(detection_loss(SIDE)(truth, output)) < 0.01


def test_decoder_agrees_with_the_loss() -> None:
    _, output = perfect(BOXES, POINTS)
    maps, start = [], 0
    for stride in STRIDES:
        cells = (SIDE // stride) ** 2
        level = output[0, start : start + cells].reshape(SIDE // stride, SIDE // stride, 15)
        maps.append(level)
        start += cells
    faces = decode(maps, min_score=0.5)
    order = np.argsort(faces.xyxy[:, 0])
    np.testing.assert_allclose(faces.xyxy[order], BOXES, atol=0.01)
    assert faces.keypoints is not None
    np.testing.assert_allclose(faces.keypoints[order], POINTS, atol=0.01)


def test_network_accepts_any_input_size() -> None:
    from training.detector.command import flat
    from training.detector.network import DetectorSpec, build

    spec = DetectorSpec(widths=(4, 4, 8, 8, 8), blocks=(0, 1, 1, 1), neck=8)
    network = build(spec)
    maps = network(np.zeros((2, 96, 160, 3), np.float32))
    assert [tuple(m.shape) for m in maps] == [(2, 12, 20, 15), (2, 6, 10, 15), (2, 3, 5, 15)]
    rows = flat(network)(np.zeros((1, 64, 64, 3), np.float32))
    assert tuple(rows.shape) == (1, 64 + 16 + 4, 15)
