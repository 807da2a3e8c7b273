"""Folding, rounding, pruning and slimming of small networks with made-up weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from realtime.inference.litert import LiteRTModel
from training.batches import Batches
from training.compress.fold import folded
from training.compress.int8 import export_fake_quantised, tensor_types
from training.compress.prune import Pruner, kept_weights, pruned_layers, share_at, zero_share
from training.compress.quantise import (
    FakeQuant,
    QuantConv2D,
    fake_quantised,
    on_grid,
    weights_on_grid,
)
from training.compress.slim import channel_groups, slim_spec, slimmed
from training.compress.tune import tune
from training.export import to_litert
from training.fit import Resume
from training.networks import NetworkSpec, build

SPEC = NetworkSpec(16, 1, 3, widths=(8, 8, 12), blocks=(2, 1))
SMALL = NetworkSpec(16, 1, 3, widths=(4, 8), blocks=(1,))  # for what takes long


def crops(n: int = 64, seed: int = 0) -> np.ndarray:
    """(n, 16, 16, 1) float32: discs of several sizes and grays."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16] - 7.5
    radius, gray = rng.uniform(2, 8, (n, 1, 1)), rng.uniform(60, 250, (n, 1, 1))
    return np.where(np.hypot(x, y) < radius, gray, 30.0)[..., None].astype(np.float32)


def network(spec: NetworkSpec = SPEC) -> keras.Model:
    """A network whose batch normalisations have been somewhere."""
    keras.utils.set_random_seed(1)
    model = build(spec)
    rng = np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            gain, shift, mean, variance = rng.uniform(0.5, 1.5, (4, layer.gamma.shape[0]))
            layer.set_weights([gain, shift - 1, mean - 1, variance])
    return model


def batches(n: int = 64) -> Batches:
    labels = np.eye(3, dtype=np.float32)[np.arange(n) % 3]
    shown = crops(n).astype(np.uint8)
    return Batches(
        np.ones(n, np.float32), lambda rows, rng: (shown[rows], labels[rows]), batch=16, seed=0
    )


@pytest.mark.parametrize("kind", ["residual", "plain", "separable"])
def test_folding_changes_no_answer(kind: str) -> None:
    model = network(replace(SPEC, kind=kind))
    result = folded(model)
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in result.layers)
    np.testing.assert_allclose(result(crops()), model(crops()), atol=1e-5)


def test_folding_refuses_what_it_cannot_fold() -> None:
    given = keras.Input((4, 4, 1))
    model = keras.Model(given, layers.BatchNormalization()(layers.ReLU()(given)))
    with pytest.raises(ValueError, match="no convolution"):
        folded(model)


def test_weights_lie_on_their_channels_grid() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype(np.float32)
    kernel[..., 2] = 0
    rounded = np.array(weights_on_grid(kernel))
    step = np.abs(kernel).max(axis=(0, 1, 2)) / 127
    steps = rounded[..., step > 0] / step[step > 0]
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-3)
    assert np.abs(rounded - kernel).max() <= step.max() / 2 + 1e-6
    assert (rounded[..., 2] == 0).all()


@pytest.mark.parametrize(("low", "high"), [(-1.3, 2.9), (0.0, 6.0), (0.5, 4.0), (-3.0, -1.0)])
def test_activations_lie_on_256_steps_with_zero_among_them(low: float, high: float) -> None:
    tf = pytest.importorskip("tensorflow")
    x = np.linspace(-5, 8, 999).astype(np.float32)
    rounded = np.array(on_grid(x, low, high))
    assert len(np.unique(np.round(rounded, 4))) <= 256
    assert on_grid(np.zeros(1, np.float32), low, high)[0] == 0
    least, most = min(low, 0.0), max(high, 0.0)
    inside = (x > least + 0.05) & (x < most - 0.05)
    assert np.abs(rounded - x)[inside].max() <= (most - least) / 255 / 2 + 1e-5
    meant = tf.quantization.fake_quant_with_min_max_args(x, least, most)
    step = (most - least) / 255  # a value halfway between two steps may go to either
    assert np.abs(rounded - meant).max() <= step * 1.01
    assert (np.abs(rounded - meant) < 1e-4).mean() > 0.98


def test_the_gradient_passes_rounding_and_stops_at_the_ends() -> None:
    tf = pytest.importorskip("tensorflow")
    x = tf.Variable([-2.0, -0.3, 0.4, 0.9, 3.0])
    with tf.GradientTape() as tape:
        y = ops.sum(on_grid(x, -1.0, 1.0) * [1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(tape.gradient(y, x), [0, 2, 3, 4, 0])
    kernel = tf.Variable(tf.random.normal((3, 3, 2, 4)))
    with tf.GradientTape() as tape:
        y = ops.sum(weights_on_grid(kernel))
    np.testing.assert_allclose(tape.gradient(y, kernel), np.ones(kernel.shape))


def test_the_int8_file_holds_int8_and_answers_as_the_network_that_was_tuned(tmp_path: Path) -> None:
    model = fake_quantised(folded(network(SMALL)), crops())
    ranges = [layer for layer in model.layers if isinstance(layer, FakeQuant)]
    before = [float(layer.high) for layer in ranges]
    tune(model, lambda epoch: batches(), tmp_path / "work", epochs=1, rate=1e-4)
    assert [float(layer.high) for layer in ranges] != before
    export_fake_quantised(model, tmp_path / "int8.tflite")
    types = tensor_types(tmp_path / "int8.tflite")
    kernels = sum(isinstance(layer, QuantConv2D) for layer in model.layers)
    assert types["int8"] >= 2 * kernels  # each kernel and what each convolution gives
    (given,) = LiteRTModel(tmp_path / "int8.tflite")(crops(40, seed=5))
    np.testing.assert_allclose(given, model(crops(40, seed=5)), atol=0.03)


def test_depthwise_convolutions_are_refused() -> None:
    with pytest.raises(ValueError, match="Depthwise"):
        fake_quantised(folded(network(replace(SPEC, kind="separable"))), crops())


def test_quantised_without_training(tmp_path: Path) -> None:
    model = network(SMALL)
    to_litert(model, tmp_path / "dynamic.tflite", int8=True)
    to_litert(model, tmp_path / "static.tflite", int8=True, examples=crops())
    for name in ("dynamic", "static"):
        network_ = LiteRTModel(tmp_path / f"{name}.tflite")
        np.testing.assert_allclose(network_(crops())[0], model(crops()), atol=0.2)
    types = tensor_types(tmp_path / "static.tflite")
    assert types["float32"] == 2  # what goes in and what comes out


def test_the_smallest_weights_go() -> None:
    kernel = np.array([[3.0, -1.0], [0.5, -4.0]])
    assert kept_weights(kernel, 0.5).tolist() == [[1, 0], [0, 1]]
    assert kept_weights(kernel, 0.0).sum() == 4
    shares = [share_at(step, 100, 0.8) for step in (0, 10, 30, 60, 100)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-2:]) == (0, [pytest.approx(0.8)] * 2)


def test_a_pruned_network_has_the_asked_zeros_also_when_resumed(tmp_path: Path) -> None:
    model = network(SMALL)
    for epochs in (1, 2):  # the second goes on from the first
        steps = 2 * len(batches())
        pruner = Pruner(0.8, steps)
        tune(model, lambda epoch: batches(), tmp_path, epochs=epochs, rate=1e-3, callbacks=[pruner])
    assert zero_share(model) == pytest.approx(0.8, abs=0.01)
    assert all((np.array(layer.kernel) != 0).any() for layer in pruned_layers(model))
    kept = Resume.read(tmp_path)
    assert kept is not None
    for variable, array in zip(model.variables, kept.arrays, strict=False):
        np.testing.assert_array_equal(variable, array)  # what a cut run would go on from


def test_shortcuts_tie_channels_together() -> None:
    model = network()
    groups = channel_groups(model)
    sums = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert groups[sums[0].name] == groups[sums[1].name]  # the blocks of the first stage
    assert groups[sums[1].name] != groups[sums[2].name]


@pytest.mark.parametrize("kind", ["residual", "plain", "separable"])
def test_slimming_keeps_shapes_legal(kind: str) -> None:
    spec = replace(SPEC, kind=kind)
    result = slimmed(network(spec), slim_spec(spec, 0.5))
    assert slim_spec(spec, 0.5).widths == (4, 4, 8)
    assert result(crops(2)).shape == (2, 3)
    assert result.count_params() < network(spec).count_params() / 2


def test_dropping_channels_that_are_zero_changes_no_answer() -> None:
    model = network()
    groups = channel_groups(model)
    rng = np.random.default_rng(3)
    dead = {g: rng.permutation(8)[:4] for g in sorted(set(groups.values()))}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            # Of eight channels half go, of twelve a third.
            gone = dead[groups[layer.name]]
            gamma[gone], beta[gone] = 0, 0
            layer.set_weights([gamma, beta, mean, variance])
    spec = replace(SPEC, widths=(4, 4, 8))
    np.testing.assert_allclose(slimmed(model, spec)(crops()), model(crops()), atol=1e-5)
