"""LiteRT networks: batches, cached interpreters, errors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.inference.litert import BATCH_SIZES, LiteRTModel, split_batch
from realtime.inference.mediapipe_files import network_path


@given(st.integers(0, 200))
def test_split_batch_adds_up_to_n(n: int) -> None:
    sizes = split_batch(n)
    assert sum(sizes) == n
    assert set(sizes) <= set(BATCH_SIZES)
    assert sizes == sorted(sizes, reverse=True)


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
