"""Choosing the network to ship: the fastest one without a significant loss of accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from training.compress.metrics import Row


def pareto_front(rows: Sequence[Row]) -> list[Row]:
    """The Pareto front of validation accuracy and latency, fastest first."""
    front: list[Row] = []
    for row in sorted(rows, key=lambda r: (r["ms_batch_1"], -_accuracy(r))):
        if not front or _accuracy(row) > _accuracy(front[-1]):
            front.append(row)
    return front


def recommended(rows: Sequence[Row]) -> Row:
    """The fastest network on the Pareto front within the best accuracy's 95 % interval."""
    best = max(rows, key=_accuracy)
    min_accuracy = best["validation"]["accuracy"]["interval"][0]
    return next(row for row in pareto_front(rows) if _accuracy(row) >= min_accuracy)


def explain(rows: Sequence[Row]) -> list[str]:
    """The recommendation in sentences, and the effect of each pruned network."""
    row, baseline = recommended(rows), next(r for r in rows if r["name"] == "float16")
    test = row["test"]
    low, high = test["gain"]["interval"]
    lines = [
        f"Recommended: {row['name']}, the fastest network within the 95 % interval of the best "
        f"validation accuracy. Compared with float16, it takes {row['ratio_batch_1']:.0%} of the "
        f"time with batch size 1, {row['ratio_batch_8']:.0%} with batch size 8, and "
        f"{row['bytes'] / baseline['bytes']:.0%} of the bytes; {test['same_answers']:.1%} of the "
        f"predictions on test faces are unchanged, and accuracy changes by "
        f"{100 * test['gain']['value']:+.2f} [{100 * low:+.2f}, {100 * high:+.2f}] points."
    ]
    return lines + [_pruning_effect(r, baseline) for r in rows if "zeros" in r["facts"]]


def _pruning_effect(row: Row, baseline: Row) -> str:
    """What pruning gained. LiteRT does not skip zeros in 3x3 convolutions, so only size changes."""
    return (
        f"{row['name']}: with {row['facts']['zeros']:.0%} zeros it compresses to "
        f"{row['gzip_bytes'] / 1e6:.2f} MB (gzip) instead of {baseline['gzip_bytes'] / 1e6:.2f}; "
        f"uncompressed it has {row['bytes'] / 1e6:.2f} MB and takes {row['ratio_batch_1']:.0%} of "
        f"float16's time."
    )


def _accuracy(row: Row) -> float:
    value: float = row["validation"]["accuracy"]["value"]
    return value
