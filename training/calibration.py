"""Temperature scaling: one number that makes a network's confidence honest.

Guo et al. 2017, https://arxiv.org/abs/1706.04599. It never changes which class is the likeliest.
Find the temperature on held-out faces, never on those that are reported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

LEAST, MOST = 0.05, 20.0  # the temperatures searched


def temperature(prob: F32, truth: NDArray[np.int64]) -> float:
    """The temperature at which the probabilities fit the truth best.

    Args:
        prob: (n, k) a softmax's output.
        truth: (n,) the right classes.

    Returns:
        T between `LEAST` and `MOST` that minimises the mean negative logarithm of the right
        class's share in softmax(log prob / T); 1 without faces. Above 1: the network was too sure.
    """
    if len(prob) == 0:
        return 1.0
    log = _log(prob)
    true = log[np.arange(len(log)), truth].mean()
    # The loss is convex in 1 / T, so its slope changes sign once: halve the range around that.
    low, high = np.log(1 / MOST), np.log(1 / LEAST)
    for _ in range(50):
        middle = (low + high) / 2
        slope = (_softmax(log * np.exp(middle)) * log).sum(axis=1).mean() - true
        low, high = (low, middle) if slope > 0 else (middle, high)
    return float(np.exp(-(low + high) / 2))


def tempered(prob: F32, temperature: float) -> F32:
    """softmax(log prob / temperature), (n, k): the same order of classes, another confidence."""
    result: F32 = _softmax(_log(prob) / temperature).astype(np.float32)
    return result


def log_loss(prob: F32, truth: NDArray[np.int64]) -> float:
    """Mean negative logarithm of the right class's probability, in nats; 0 without faces."""
    if len(prob) == 0:
        return 0.0
    return float(-_log(prob)[np.arange(len(prob)), truth].mean())


def _log(prob: F32) -> NDArray[np.float64]:
    """Logarithms; 0 counts as 1e-12, so that one sure mistake does not decide alone."""
    logits: NDArray[np.float64] = np.log(np.maximum(prob.astype(np.float64), 1e-12))
    return logits


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = power / power.sum(axis=1, keepdims=True)
    return result
