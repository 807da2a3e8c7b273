"""Temperature scaling: one scalar that calibrates a network's confidence.

On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599. Scaling never changes
the predicted class. Fit the temperature on validation faces, never on test faces.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0  # search range


def fit_temperature(prob: F32, truth: NDArray[np.int64]) -> float:
    """The temperature that minimises the log loss.

    Args:
        prob: (n, k) softmax output.
        truth: (n,) true classes.

    Returns:
        T between `MIN_TEMPERATURE` and `MAX_TEMPERATURE` that minimises the mean negative log of
        the true class's probability in softmax(log prob / T); 1 without faces. Above 1 the network
        was overconfident.
    """
    if len(prob) == 0:
        return 1.0
    log = _log(prob)
    true = log[np.arange(len(log)), truth].mean()
    # The loss is convex in 1 / T, so its slope changes sign once: bisect.
    low, high = np.log(1 / MAX_TEMPERATURE), np.log(1 / MIN_TEMPERATURE)
    for _ in range(50):
        middle = (low + high) / 2
        slope = (_softmax(log * np.exp(middle)) * log).sum(axis=1).mean() - true
        low, high = (low, middle) if slope > 0 else (middle, high)
    return float(np.exp(-(low + high) / 2))


def apply_temperature(prob: F32, temperature: float) -> F32:
    """softmax(log prob / temperature), (n, k)."""
    result: F32 = _softmax(_log(prob) / temperature).astype(np.float32)
    return result


def log_loss(prob: F32, truth: NDArray[np.int64]) -> float:
    """Mean negative log of the true class's probability, in nats; 0 without faces."""
    if len(prob) == 0:
        return 0.0
    return float(-_log(prob)[np.arange(len(prob)), truth].mean())


def _log(prob: F32) -> NDArray[np.float64]:
    """Logarithms, clipped at 1e-12 so that one confident error does not dominate the loss."""
    logits: NDArray[np.float64] = np.log(np.maximum(prob.astype(np.float64), 1e-12))
    return logits


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = power / power.sum(axis=1, keepdims=True)
    return result
