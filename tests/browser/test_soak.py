"""The soak test in its short form: viewers vanish without goodbye, and nothing is kept."""

from __future__ import annotations

import pytest

from benchmarks.growth import problems
from benchmarks.soak import Load, soak
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]


def test_nothing_is_kept_of_viewers_whose_browsers_were_killed(stage: Stage) -> None:
    rows = soak(stage.playwright, stage.hosts, Load(minutes=0, capacity=1, stream_s=1, grace_s=1))
    by_phase = {row.phase: row for row in rows}
    assert by_phase["double"].streams >= 2  # those of the first browser may not have ended yet
    assert problems([by_phase["gone"]]) == []
