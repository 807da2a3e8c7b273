"""LiteRT networks: batches, cached interpreters, errors."""

import time
from pathlib import Path

import numpy as np
import pytest

import models
from realtime.core.arrays import F32
from realtime.inference.litert import LiteRTModel
from realtime.inference.mediapipe_files import network_path


def test_threads_change_neither_results_nor_their_order() -> None:
    path = network_path("face_landmark/face_landmark")
    one, three = LiteRTModel(path), LiteRTModel(path, threads=3)
    batch = np.random.default_rng(1).random((13, 192, 192, 3), np.float32)
    for n in (0, 1, 2, 11, 12, 13):
        for expected, found in zip(one(batch[:n]), three(batch[:n]), strict=True):
            np.testing.assert_allclose(found, expected, atol=0.05)  # pixels of 192


def test_an_input_that_cannot_be_made_raises_and_the_model_goes_on() -> None:
    network = LiteRTModel(network_path("face_landmark/face_landmark"), threads=2)

    def make_input(i: int) -> F32:
        if i == 2:
            raise LookupError("no such face")
        return np.zeros((1, 192, 192, 3), np.float32)

    with pytest.raises(LookupError, match="no such face"):
        network.run_each(8, make_input)
    assert len(network(np.zeros((8, 192, 192, 3), np.float32))[0]) == 8


def test_after_a_failure_no_thread_still_works_on_the_others() -> None:
    network = LiteRTModel(network_path("face_landmark/face_landmark"), threads=2)
    made = []

    def make_input(i: int) -> F32:
        if i == 0:
            raise LookupError("no such face")
        made.append(i)
        return np.zeros((1, 192, 192, 3), np.float32)

    with pytest.raises(LookupError, match="no such face"):
        network.run_each(40, make_input)
    before = len(made)
    time.sleep(0.1)
    assert len(made) == before


def test_results_do_not_depend_on_the_batch_size() -> None:
    network = LiteRTModel(network_path("face_landmark/face_landmark"))
    batch = np.random.default_rng(0).random((7, 192, 192, 3), np.float32)
    points, presence = network(batch)
    assert len(points) == len(presence) == 7
    for i in range(7):
        alone, _ = network(batch[i : i + 1])
        np.testing.assert_allclose(points[i], alone[0], atol=0.05)  # pixels of 192


NETWORKS = [
    network_path("face_landmark/face_landmark"),
    network_path("iris_landmark/iris_landmark"),
    *(models.load(name).path for name in ("emotion", "gender", "mask")),
]


@pytest.mark.parametrize("path", NETWORKS, ids=lambda p: p.parent.name)
def test_every_network_takes_any_number_of_faces(path: Path) -> None:
    network = LiteRTModel(path)
    batch = np.random.default_rng(0).random((17, *network.input_shape), np.float32)
    one_by_one = [network(batch[i : i + 1]) for i in range(17)]
    for n in range(1, 18):
        outputs = network(batch[:n])
        for k, output in enumerate(outputs):
            assert len(output) == n
            for i in (0, n - 1):
                alone = one_by_one[i][k].reshape(-1)
                np.testing.assert_allclose(output[i].reshape(-1), alone, rtol=0.01, atol=0.1)


def test_empty_batch_gives_empty_outputs() -> None:
    network = LiteRTModel(network_path("face_landmark/face_landmark"))
    points, presence = network(np.zeros((0, 192, 192, 3), np.float32))
    assert points.shape == (0, 1, 1, 1404)
    assert len(presence) == 0


def test_wrong_input_shape_is_reported() -> None:
    network = LiteRTModel(network_path("face_landmark/face_landmark"))
    with pytest.raises(ValueError, match=r"expects \(n, 192, 192, 3\), got \(1, 64, 64, 3\)"):
        network(np.zeros((1, 64, 64, 3), np.float32))


def test_missing_or_invalid_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"not found: .*none\.tflite"):
        LiteRTModel(tmp_path / "none.tflite")
    (tmp_path / "broken.tflite").write_bytes(b"not a network")
    with pytest.raises(ValueError, match="not a LiteRT network"):
        LiteRTModel(tmp_path / "broken.tflite")
