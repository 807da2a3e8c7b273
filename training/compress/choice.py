"""Which compressed network to ship: the fastest that is not clearly worse than the best."""

from __future__ import annotations

from collections.abc import Sequence

from training.compress.worth import Row


def front(rows: Sequence[Row]) -> list[Row]:
    """The rows that no other beats in both validation accuracy and time, fastest first."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda r: (r["ms_batch_1"], -_accuracy(r))):
        if not kept or _accuracy(row) > _accuracy(kept[-1]):
            kept.append(row)
    return kept


def recommended(rows: Sequence[Row]) -> Row:
    """The fastest on the front whose accuracy is within the best's 95 % interval."""
    best = max(rows, key=_accuracy)
    least = best["validation"]["accuracy"]["interval"][0]
    return next(row for row in front(rows) if _accuracy(row) >= least)


def reasons(rows: Sequence[Row]) -> list[str]:
    """The recommendation in sentences, and what pruning gained, if anything was pruned."""
    row, usual = recommended(rows), next(r for r in rows if r["name"] == "float16")
    test = row["test"]
    low, high = test["gain"]["interval"]
    lines = [
        f"Recommended: {row['name']}, the fastest whose validation accuracy is within the 95 % "
        f"interval of the best. It takes {row['ratio_batch_1']:.0%} of float16's time alone and "
        f"{row['ratio_batch_8']:.0%} in batches of 8, and {row['bytes'] / usual['bytes']:.0%} of "
        f"its bytes; {test['same_answers']:.1%} of the test faces are answered as before, and the "
        f"accuracy changes by {100 * test['gain']['value']:+.2f} "
        f"[{100 * low:+.2f}, {100 * high:+.2f}] points."
    ]
    return lines + [_on_zeros(r, usual) for r in rows if "zeros" in r["facts"]]


def _on_zeros(row: Row, usual: Row) -> str:
    """What zeros gained. LiteRT skips none in 3x3 convolutions: it multiplies them like others."""
    return (
        f"{row['name']}: {row['facts']['zeros']:.0%} zeros pack to {row['gzip_bytes'] / 1e6:.2f} "
        f"MB instead of {usual['gzip_bytes'] / 1e6:.2f}; the file is {row['bytes'] / 1e6:.2f} MB "
        f"and takes {row['ratio_batch_1']:.0%} of float16's time."
    )


def _accuracy(row: Row) -> float:
    value: float = row["validation"]["accuracy"]["value"]
    return value
