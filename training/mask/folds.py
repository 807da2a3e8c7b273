"""Cross-validation of the mask network: each face of mask_scenes is tested once.

The `val` split holds 42 worn-wrongly faces, so few that their recall is uncertain by 0.25.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import MASK
from training.near_duplicates import held_out
from training.report import Evaluation, write_json
from training.results import Results

NAME = "mask_scenes_folds"
SEED = 2  # not that of the validation faces


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of mask_scenes to test on; the rest of it, `val` included, is learned from.

    Attributes:
        index: which of the parts, from 0.
        count: number of parts.
    """

    index: int
    count: int

    def holds(self, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which faces (n,) are in this part: whole near-duplicate groups."""
        upto = held_out(groups, share=(self.index + 1) / self.count, seed=SEED)
        return upto & ~held_out(groups, share=self.index / self.count, seed=SEED)


def run_folds(count: int, folder: Path, run: Callable[[Fold, Path], Results]) -> Results:
    """Train and test once per fold, and evaluate the answers of all folds together.

    Args:
        count: number of folds; with 1, mask_scenes is a source that the network has never seen.
        folder: run folder; each fold has one below it, and `metrics.json` has the figures.
        run: trains with a fold in a folder, and returns the answers on the fold's faces.

    Raises:
        ValueError: there is no fold.
    """
    if count < 1:
        raise ValueError("--folds needs at least 1; 1 tests on mask_scenes without learning it.")
    parts: list[Evaluation] = []
    for index in range(count):
        parts += run(Fold(index, count), folder / f"fold-{index + 1}").evaluations
    results = Results()
    results.add(
        Evaluation(
            NAME,
            f"{parts[0].truth_name}; {count} networks, each tested on faces it has not seen",
            MASK.labels,
            np.concatenate([part.truth for part in parts]),
            np.concatenate([part.prob for part in parts]),
        )
    )
    for label, row in results.metrics[NAME]["per_class"].items():
        low, high = row["recall_interval"]
        results.lines.append(
            f"{label}: {row['n']} faces, recall {row['recall']:.3f} [{low:.3f}, {high:.3f}], "
            f"precision {row['precision']:.3f}"
        )
    write_json(folder / "metrics.json", {"metrics": results.metrics})
    return results
