"""Timing several networks against each other on a machine that is never quite idle.

What is counted is the processor's time. With one thread that is what a clock shows on an idle
machine, and it leaves out the time in which other processes run.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from realtime.inference.litert import LiteRTModel

BATCHES = {1: 6, 8: 2}  # batch size: runs in a round


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds a face at one thread, by batch size, and as shares of a reference's.

    Attributes:
        ms: medians over all rounds.
        ratio: medians over the rounds of the share of the reference's time in the same round.
    """

    ms: Mapping[int, float]
    ratio: Mapping[int, float]


def interleaved(paths: Mapping[str, Path], *, against: str, rounds: int = 150) -> dict[str, Timing]:
    """Time networks in turn, so that what else the machine does falls on all alike.

    Args:
        paths: LiteRT files by name.
        against: the name of the reference.
        rounds: how often each has its turn; the order is shuffled in each round.
    """
    networks = {name: LiteRTModel(path) for name, path in paths.items()}
    rng = np.random.default_rng(0)
    shape = networks[against].input_shape
    crops = {b: rng.integers(0, 256, (b, *shape)).astype(np.float32) for b in BATCHES}
    times = {name: {b: np.zeros(rounds) for b in BATCHES} for name in networks}
    for network in networks.values():
        for batch in BATCHES:
            network(crops[batch])
    for i in range(rounds):
        for name in rng.permutation(list(networks)):
            for batch, runs in BATCHES.items():
                network = networks[str(name)]
                network(crops[batch])  # takes its weights back into the cache
                found = []
                for _ in range(runs):
                    start = time.process_time_ns()
                    network(crops[batch])
                    found.append((time.process_time_ns() - start) / 1e6 / batch)
                times[str(name)][batch][i] = np.median(found)
    return {
        name: Timing(
            {b: float(np.median(t)) for b, t in own.items()},
            {b: float(np.median(t / times[against][b])) for b, t in own.items()},
        )
        for name, own in times.items()
    }
