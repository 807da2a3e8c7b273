"""Comparing the latency of several networks on a machine that is not idle.

CPU time is measured. With one thread it equals wall-clock time on an idle machine, and it excludes
the time of other processes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from realtime.inference.litert import LiteRTModel

BATCHES = {1: 6, 8: 2}  # batch size: runs per round


@dataclass(frozen=True, slots=True)
class Timing:
    """Latency per face with one thread, by batch size.

    Attributes:
        ms: milliseconds, median over all rounds.
        ratio: relative to the reference in the same round, median over all rounds.
    """

    ms: Mapping[int, float]
    ratio: Mapping[int, float]


def time_interleaved(
    paths: Mapping[str, Path], *, reference: str, rounds: int = 150
) -> dict[str, Timing]:
    """Time networks in turn, so that other load on the machine affects all of them equally.

    Args:
        paths: LiteRT files by name.
        reference: name of the network that ratios are relative to.
        rounds: number of rounds; the order is shuffled in each.
    """
    networks = {name: LiteRTModel(path) for name, path in paths.items()}
    rng = np.random.default_rng(0)
    shape = networks[reference].input_shape
    crops = {b: rng.integers(0, 256, (b, *shape)).astype(np.float32) for b in BATCHES}
    times = {name: {b: np.zeros(rounds) for b in BATCHES} for name in networks}
    for network in networks.values():
        for batch in BATCHES:
            network(crops[batch])
    for i in range(rounds):
        for name in rng.permutation(list(networks)):
            for batch, runs in BATCHES.items():
                network = networks[str(name)]
                network(crops[batch])  # warm the CPU cache
                samples = []
                for _ in range(runs):
                    start = time.process_time_ns()
                    network(crops[batch])
                    samples.append((time.process_time_ns() - start) / 1e6 / batch)
                times[str(name)][batch][i] = np.median(samples)
    return {
        name: Timing(
            {b: float(np.median(t)) for b, t in own.items()},
            {b: float(np.median(t / times[reference][b])) for b, t in own.items()},
        )
        for name, own in times.items()
    }
