"""Batch normalisation in one kernel learns what Keras's own layer learns."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from training.batch_norm import BatchNormalization


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_it_normalises_and_remembers_as_keras_does(policy: str) -> None:
    maps = np.random.default_rng(0).normal(3, 2, (8, 6, 6, 4)).astype(np.float32)
    ours = BatchNormalization(momentum=0.9, dtype=policy)
    theirs = keras.layers.BatchNormalization(momentum=0.9, dtype=policy)
    # TensorFlow's kernel remembers the unbiased variance: n / (n - 1) times Keras's.
    tolerance = 0.01 if policy == "float32" else 0.06
    for training in (True, True, False):
        answers = [
            keras.ops.convert_to_numpy(keras.ops.cast(layer(maps, training=training), "float32"))
            for layer in (ours, theirs)
        ]
        np.testing.assert_allclose(*answers, atol=tolerance)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-2)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
