"""Folding, quantising, pruning and slimming small networks with random weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import pytest
from keras import layers, ops

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.batches import Batches
from training.compress.fold import fold_batch_norm
from training.compress.int8 import export_fake_quantised, tensor_types
from training.compress.prune import Pruner, magnitude_mask, pruned_layers, sparsity, sparsity_at
from training.compress.quantise import (
    FakeQuant,
    QuantConv2D,
    fake_quantise,
    quantise_activations,
    quantise_weights,
)
from training.compress.slim import channel_groups, narrow_spec, prune_channels
from training.compress.tune import tune
from training.export import to_litert
from training.fit import Resume
from training.networks import NetworkSpec, build

Kind = Literal["residual", "plain", "separable"]

SPEC = NetworkSpec(16, 1, 3, widths=(8, 8, 12), blocks=(2, 1))
SMALL = NetworkSpec(16, 1, 3, widths=(4, 8), blocks=(1,))  # for slow tests


def crops(n: int = 64, seed: int = 0) -> F32:
    """(n, 16, 16, 1) float32: discs of various sizes and grays."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16] - 7.5
    radius, gray = rng.uniform(2, 8, (n, 1, 1)), rng.uniform(60, 250, (n, 1, 1))
    return np.where(np.hypot(x, y) < radius, gray, 30.0)[..., None].astype(np.float32)


def network(spec: NetworkSpec = SPEC) -> keras.Model:
    """A network with random batch normalisation statistics."""
    keras.utils.set_random_seed(1)
    model = build(spec)
    rng = np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = rng.uniform(0.5, 1.5, (4, layer.gamma.shape[0]))
            layer.set_weights([gamma, beta - 1, mean - 1, variance])
    return model


def batches(n: int = 64) -> Batches:
    labels = np.eye(3, dtype=np.float32)[np.arange(n) % 3]
    pictures = crops(n).astype(np.uint8)
    return Batches(
        np.ones(n, np.float32), lambda rows, rng: (pictures[rows], labels[rows]), batch=16, seed=0
    )


@pytest.mark.parametrize("kind", ["residual", "plain", "separable"])
def test_folding_does_not_change_outputs(kind: Kind) -> None:
    model = network(replace(SPEC, kind=kind))
    result = fold_batch_norm(model)
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in result.layers)
    np.testing.assert_allclose(result(crops()), model(crops()), atol=1e-5)


def test_folding_rejects_batch_norm_without_convolution() -> None:
    pixels = keras.Input((4, 4, 1))
    model = keras.Model(pixels, layers.BatchNormalization()(layers.ReLU()(pixels)))
    with pytest.raises(ValueError, match="not a convolution"):
        fold_batch_norm(model)


def test_weights_are_rounded_per_channel() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype(np.float32)
    kernel[..., 2] = 0
    rounded = np.array(quantise_weights(kernel))
    step = np.abs(kernel).max(axis=(0, 1, 2)) / 127
    steps = rounded[..., step > 0] / step[step > 0]
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-3)
    assert np.abs(rounded - kernel).max() <= step.max() / 2 + 1e-6
    assert (rounded[..., 2] == 0).all()


@pytest.mark.parametrize(("low", "high"), [(-1.3, 2.9), (0.0, 6.0), (0.5, 4.0), (-3.0, -1.0)])
def test_activations_have_256_levels_including_zero(low: float, high: float) -> None:
    tf = pytest.importorskip("tensorflow")
    x = np.linspace(-5, 8, 999).astype(np.float32)
    rounded = np.array(quantise_activations(x, low, high))
    assert len(np.unique(np.round(rounded, 4))) <= 256
    assert quantise_activations(np.zeros(1, np.float32), low, high)[0] == 0
    start, end = min(low, 0.0), max(high, 0.0)
    inside = (x > start + 0.05) & (x < end - 0.05)
    assert np.abs(rounded - x)[inside].max() <= (end - start) / 255 / 2 + 1e-5
    expected = tf.quantization.fake_quant_with_min_max_args(x, start, end)
    step = (end - start) / 255  # ties may be rounded either way
    assert np.abs(rounded - expected).max() <= step * 1.01
    assert (np.abs(rounded - expected) < 1e-4).mean() > 0.98


def test_gradients_pass_through_rounding_but_not_clipping() -> None:
    tf = pytest.importorskip("tensorflow")
    x = tf.Variable([-2.0, -0.3, 0.4, 0.9, 3.0])
    with tf.GradientTape() as tape:
        y = ops.sum(quantise_activations(x, -1.0, 1.0) * [1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(tape.gradient(y, x), [0, 2, 3, 4, 0])
    kernel = tf.Variable(tf.random.normal((3, 3, 2, 4)))
    with tf.GradientTape() as tape:
        y = ops.sum(quantise_weights(kernel))
    np.testing.assert_allclose(tape.gradient(y, kernel), np.ones(kernel.shape))


def test_int8_file_matches_the_fine_tuned_network(tmp_path: Path) -> None:
    model = fake_quantise(fold_batch_norm(network(SMALL)), crops())
    ranges = [layer for layer in model.layers if isinstance(layer, FakeQuant)]
    before = [float(layer.high) for layer in ranges]
    tune(model, lambda epoch: batches(), tmp_path / "work", epochs=1, rate=1e-4)
    assert [float(layer.high) for layer in ranges] != before
    export_fake_quantised(model, tmp_path / "int8.tflite")
    types = tensor_types(tmp_path / "int8.tflite")
    kernels = sum(isinstance(layer, QuantConv2D) for layer in model.layers)
    assert types["int8"] >= 2 * kernels  # the kernel and output of each convolution
    (output,) = LiteRTModel(tmp_path / "int8.tflite")(crops(40, seed=5))
    np.testing.assert_allclose(output, model(crops(40, seed=5)), atol=0.03)


def test_depthwise_convolutions_are_rejected() -> None:
    with pytest.raises(ValueError, match="Depthwise"):
        fake_quantise(fold_batch_norm(network(replace(SPEC, kind="separable"))), crops())


def test_post_training_quantisation(tmp_path: Path) -> None:
    model = network(SMALL)
    to_litert(model, tmp_path / "dynamic.tflite", int8=True)
    to_litert(model, tmp_path / "static.tflite", int8=True, examples=crops())
    for name in ("dynamic", "static"):
        network_ = LiteRTModel(tmp_path / f"{name}.tflite")
        np.testing.assert_allclose(network_(crops())[0], model(crops()), atol=0.2)
    types = tensor_types(tmp_path / "static.tflite")
    assert types["float32"] == 2  # input and output


def test_smallest_weights_are_pruned_first() -> None:
    kernel = np.array([[3.0, -1.0], [0.5, -4.0]])
    assert magnitude_mask(kernel, 0.5).tolist() == [[1, 0], [0, 1]]
    assert magnitude_mask(kernel, 0.0).sum() == 4
    schedule = [sparsity_at(step, 100, 0.8) for step in (0, 10, 30, 60, 100)]
    assert schedule == sorted(schedule)
    assert schedule[0] == 0
    assert schedule[-2:] == pytest.approx([0.8, 0.8])


def test_pruning_reaches_the_target_when_resumed(tmp_path: Path) -> None:
    model = network(SMALL)
    for epochs in (1, 2):  # the second resumes the first
        steps = 2 * len(batches())
        pruner = Pruner(0.8, steps)
        tune(model, lambda epoch: batches(), tmp_path, epochs=epochs, rate=1e-3, callbacks=[pruner])
    assert sparsity(model) == pytest.approx(0.8, abs=0.01)
    assert all((np.array(layer.kernel) != 0).any() for layer in pruned_layers(model))
    state = Resume.read(tmp_path)
    assert state is not None
    for variable, array in zip(model.variables, state.arrays, strict=False):
        np.testing.assert_array_equal(variable, array)


def test_shortcuts_group_channels() -> None:
    model = network()
    groups = channel_groups(model)
    sums = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert groups[sums[0].name] == groups[sums[1].name]  # the blocks of the first stage
    assert groups[sums[1].name] != groups[sums[2].name]


@pytest.mark.parametrize("kind", ["residual", "plain", "separable"])
def test_channel_pruning_gives_a_valid_network(kind: Kind) -> None:
    spec = replace(SPEC, kind=kind)
    result = prune_channels(network(spec), narrow_spec(spec, 0.5))
    assert narrow_spec(spec, 0.5).widths == (4, 4, 8)
    assert result(crops(2)).shape == (2, 3)
    assert result.count_params() < network(spec).count_params() / 2


def test_removing_zero_channels_does_not_change_outputs() -> None:
    model = network()
    groups = channel_groups(model)
    rng = np.random.default_rng(3)
    dead = {g: rng.permutation(8)[:4] for g in sorted(set(groups.values()))}
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            # Removes half of eight channels and a third of twelve.
            zeroed = dead[groups[layer.name]]
            gamma[zeroed], beta[zeroed] = 0, 0
            layer.set_weights([gamma, beta, mean, variance])
    spec = replace(SPEC, widths=(4, 4, 8))
    np.testing.assert_allclose(prune_channels(model, spec)(crops()), model(crops()), atol=1e-5)
