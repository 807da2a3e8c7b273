"""The bulk benchmark in short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bulk_kills import check_rows
from benchmarks.bulk_plan import measure_plan
from tests.bulk.conftest import Analysed


def test_plan_and_resume_of_simulated_photos() -> None:
    plan = measure_plan(3000)
    assert 0 < plan["todo"] < 3000
    assert plan["driver_mib"] > 10


def test_rows_that_are_missing_or_doubled_are_found(analysed: Analysed, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(RuntimeError, match="1 rows are missing"):
        check_rows(tmp_path, analysed.folder)
