"""The report: settings, tables with intervals, embedded plots."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.calibration import apply_temperature
from training.evaluate import Figure, bootstrap_classes
from training.report import Evaluation, flat, table, write_report
from training.results import figures, summary

HISTORY = [
    {
        "epoch": e,
        "loss": 2 / e,
        "val_loss": 2.1 / e,
        "accuracy": 0.5,
        "val_accuracy": 0.6,
        "rate": r,
    }
    for e, r in ((1, 1e-3), (2, 1e-4))
]


def evaluation(n: int, *, raw: bool, threshold: float | None) -> Evaluation:
    rng = np.random.default_rng(0)
    prob = rng.dirichlet([0.5, 0.5, 0.5], n).astype(np.float32)
    truth = (rng.random((n, 1)) > prob.cumsum(axis=1)[:, :2]).sum(axis=1)
    before = apply_temperature(prob, 0.5) if raw else None
    return Evaluation("set_a", "synthetic", ("x", "y", "z"), truth, prob, before, threshold)


@pytest.mark.parametrize("n", [1, 300])
@pytest.mark.parametrize(("raw", "threshold"), [(False, None), (True, 0.8), (True, 1.0)])
def test_report_embeds_its_plots(
    tmp_path: Path, n: int, raw: bool, threshold: float | None
) -> None:
    path = write_report(
        tmp_path,
        title="emotion",
        command="python -m training emotion --epochs 2",
        config={"fit": {"seed": 3, "rate": 2e-3}, "oval": 0.0},
        history=HISTORY,
        evaluations=[evaluation(n, raw=raw, threshold=threshold)],
        facts={"seed": 3, "sets": "FER-2013"},
        tables={"By size": [{"px": "0 to 48", "accuracy": Figure(0.5, 0.25, 0.75)}]},
    )
    text = path.read_text(encoding="utf-8")
    plots = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert len(plots) == len(set(plots)) == 5
    for plot in plots:
        assert cv2.imread(str(tmp_path / plot)) is not None
    assert "python -m training emotion --epochs 2" in text
    assert "| fit.seed | 3 |" in text
    assert "| 0 to 48 | 0.500 [0.250, 0.750] |" in text
    assert re.search(r"\| accuracy \| \d\.\d+ \[\d\.\d+, \d\.\d+\] \|", text)
    assert ("before temperature scaling" in text) == raw
    assert ("confidence 0.800 or more" in text) == (threshold == 0.8)


def test_no_curves_without_history(tmp_path: Path) -> None:
    path = write_report(tmp_path, title="t", command="c", config={}, history=[], evaluations=[])
    assert "curves" not in path.read_text(encoding="utf-8")


def test_table_and_flat() -> None:
    rows = [{"a": 1, "b": 0.123456}, {"a": "x|y", "b": Figure(1, 1, 1)}]
    assert table(rows) == (
        "| a | b |\n| --- | --- |\n| 1 | 0.1235 |\n| x\\|y | 1.000 [1.000, 1.000] |"
    )
    assert table([]) == "No rows."
    assert flat({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}


def test_bootstrap_by_class() -> None:
    truth, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    result = bootstrap_classes(truth, predicted, ("x", "y"))
    assert result["x"]["recall"].value == 0.75
    assert result["y"]["recall"].value == 1
    assert result["y"]["precision"].value == pytest.approx(2 / 3)
    assert result["x"]["recall"].low < 0.75 < result["x"]["recall"].high


@pytest.mark.parametrize(
    ("threshold", "ending"),
    [
        (None, "0.0000"),
        (0.5, "confident on 100.0%, 100.0% of these correct"),
        (2.0, "no confident answers"),
    ],
)
def test_summary_of_confident_answers(threshold: float | None, ending: str) -> None:
    prob, truth = np.eye(2, dtype=np.float32), np.array([0, 1])
    evaluation = Evaluation("set_a", "synthetic", ("x", "y"), truth, prob, None, threshold)
    assert summary("set_a", figures(evaluation)).endswith(ending)
