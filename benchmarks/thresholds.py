"""Each detector's default least score, and which detectors make the best ensemble.

Both are chosen by F1 on the held-out pictures of the training sets, never on the evaluation sets:
those of wider_train and of mask_scenes' training split that the project's own detector did not
learn from.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection_answers import LEAST_SCORE, Answers
from benchmarks.detection_truth import judged
from benchmarks.environment import header, header_text
from realtime.core.faces import Faces
from realtime.detect import DETECTORS
from realtime.detect.ensemble import Member
from training.data import DEFAULT_DATA
from training.detector.examples import held_out_scenes
from training.detector.scenes import Scene
from training.detector.score import Curve, Picture, curve, match
from training.report import table

CACHE = Path("runs/cache/detection")
SURE = 0.95
LOOSE_IOU = 0.3
MEMBERS = (2, 3)  # ensembles of so many are tried


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m benchmarks thresholds`."""
    singles = usable()
    parser.add_argument("--detector", choices=singles, nargs="+", default=singles)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of zipped sets")
    parser.add_argument("--limit", type=int, help="at most so many pictures a set, for a trial")


def usable() -> list[str]:
    """The detectors that are no ensembles and whose packages are there."""
    return [n for n, entry in DETECTORS.items() if n != "ensemble" and not entry.missing]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Find the least scores and the ensembles.

    Raises:
        training.data.DataError: a set is missing.
    """
    answers = Answers(args.data, CACHE)
    held = {name: scenes[: args.limit] for name, scenes in held_out_scenes(args.data).items()}
    singles, members = {}, {}
    for name in args.detector:
        pictures = _pictures(answers, held, name, {})
        found = curve(pictures)
        best, shift = found.best(), box_shift(pictures)
        singles[name] = {
            "min_score": best.min_score,
            "f1": best.f1,
            "sure_score": sure_score(found),
            "box_shift": shift,
        }
        members[name] = Member(best.min_score, best.f1, shift)
    ensembles = []
    for count in MEMBERS:
        for names in combinations(args.detector, count):
            fused = {n: members[n] for n in names}
            found = curve(_pictures(answers, held, "+".join(names), fused))
            best = found.best()
            gain = best.f1 - max(members[n].weight for n in names)
            ensembles.append(
                {
                    "members": "+".join(names),
                    "min_score": best.min_score,
                    "f1": best.f1,
                    "gain_over_best_member": gain,
                    "sure_score": sure_score(found),
                }
            )
    return {
        "benchmark": "thresholds",
        "header": header(),
        "pictures": {name: len(scenes) for name, scenes in held.items()},
        "detectors": singles,
        "ensembles": sorted(ensembles, key=lambda row: -row["f1"]),
    }


def report(figures: dict[str, Any]) -> str:
    """The figures as tables for people."""
    counts = ", ".join(f"{n} of {name}" for name, n in figures["pictures"].items())
    singles = [{"detector": n, **row} for n, row in figures["detectors"].items()]
    return "\n\n".join(
        [
            header_text(figures["header"]),
            f"Least scores with the greatest F1 on held-out training pictures: {counts}",
            table(singles),
            "Ensembles, best first",
            table(figures["ensembles"][:15]),
        ]
    )


def sure_score(found: Curve) -> float:
    """The least score from which `SURE` of all answers are right; 1 if there is none."""
    right = np.flatnonzero(found.precision >= SURE)
    return float(found.score[right[-1]]) if len(right) else 1.0


def box_shift(pictures: Sequence[Picture]) -> tuple[float, float, float, float]:
    """How the true boxes lie beside the answers on them: medians, in shares of the answers' sides.

    Answers that cover little of the face count as well: it is they that need to be moved.
    """
    shares = []
    for picture in pictures:
        found = match(picture, min_iou=LOOSE_IOU)
        hit = found >= 0
        box, true = picture.xyxy[hit], picture.truth[found[hit]]
        shares.append((true - box) / np.tile(box[:, 2:] - box[:, :2], 2))
    rows = np.concatenate([np.zeros((0, 4), np.float32), *shares])
    left, top, right, bottom = np.median(rows, axis=0) if len(rows) else np.zeros(4)
    return (
        round(float(left), 3),
        round(float(top), 3),
        round(float(right), 3),
        round(float(bottom), 3),
    )


def _pictures(
    answers: Answers, held: dict[str, list[Scene]], name: str, members: dict[str, Member]
) -> list[Picture]:
    pictures = []
    for set_name, scenes in held.items():
        found: Sequence[Faces] = (
            answers.fused(members, set_name, scenes, min_score=LEAST_SCORE)
            if members
            else answers.of(name, set_name, scenes, min_score=LEAST_SCORE)
        )
        pictures += judged(answers.seen(set_name, scenes), found, only_judged_sizes=True)
    return pictures
