"""What each compressed network is worth, beside the uncompressed one."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.compress.faces import Shown
from training.compress.timing import Timing
from training.evaluate import Figure, predict
from training.report import Evaluation
from training.results import figures

Row = dict[str, Any]


def measured(
    paths: Mapping[str, Path],
    shown: Mapping[str, Shown],
    labels: Sequence[str],
    timings: Mapping[str, Timing],
    facts: Mapping[str, Mapping[str, Any]],
) -> list[Row]:
    """A row of figures for each network.

    Args:
        paths: LiteRT files by name; others are compared with the first.
        shown: `validation` and `test`.
        labels: the classes.
        timings: by name.
        facts: what making each had to tell, by name.
    """
    first: dict[str, F32] = {}
    rows = []
    for name, path in paths.items():
        network, data = LiteRTModel(path), path.read_bytes()
        row: Row = {"name": name, "bytes": len(data), "gzip_bytes": len(gzip.compress(data, 9))}
        for batch, ms in timings[name].ms.items():
            row[f"ms_batch_{batch}"] = round(ms, 4)
            row[f"ratio_batch_{batch}"] = round(timings[name].ratio[batch], 3)
        for kind, faces in shown.items():
            prob = predict(network, faces.crops)
            before = first.setdefault(kind, prob)
            told = figures(Evaluation(faces.name, kind, labels, faces.truth, prob))
            gain = gained(prob, before, faces.truth)
            same = float(np.mean(prob.argmax(axis=1) == before.argmax(axis=1)))
            row[kind] = told | {"gain": gain.rounded(), "same_answers": round(same, 4)}
        rows.append(row | {"facts": dict(facts[name])})
    return rows


def gained(
    prob: F32, before: F32, truth: NDArray[np.int64], *, draws: int = 1000, seed: int = 0
) -> Figure:
    """How much more accurate answers are than others on the same faces.

    Pairing takes out what the faces have in common, so this interval is far narrower than those of
    the two accuracies.

    Returns:
        The difference of accuracies and its 95 % percentile bootstrap interval over the faces.
    """
    right = (prob.argmax(axis=1) == truth).astype(int) - (before.argmax(axis=1) == truth)
    counts = np.array([(right == k).sum() for k in (-1, 0, 1)])
    n = max(int(counts.sum()), 1)
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / n, size=draws)
    low, high = np.percentile((drawn[:, 2] - drawn[:, 0]) / n, [2.5, 97.5])
    return Figure(float((counts[2] - counts[0]) / n), float(low), float(high))
