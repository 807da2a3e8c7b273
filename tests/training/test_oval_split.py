"""expressions_oval: the test faces are the same for every geometry, and none of them is learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realtime.attribute.registry import EMOTION
from tests.training.test_cards import png, write_zip
from training.crops import CropSpec
from training.emotion.oval import read_oval


def test_the_split_does_not_depend_on_the_crops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a margin, other crops looked alike, so that some test faces were learned."""
    monkeypatch.chdir(tmp_path)
    files = {
        f"{k}/{i}.png": png(7 * i + 40 * j) for j, k in enumerate(EMOTION.labels) for i in range(12)
    }
    write_zip(tmp_path, "expressions_oval", files)
    spec = CropSpec(48, zoom=1.0, gray=True)
    narrow, wide = (read_oval(tmp_path, s) for s in (spec, spec.widened(1.25)))
    np.testing.assert_array_equal(narrow.held_out, wide.held_out)
    np.testing.assert_array_equal(narrow.validation, wide.validation)
    assert not (narrow.held_out & narrow.validation).any()
    assert not (narrow.learned & (narrow.held_out | narrow.validation)).any()
    assert len(narrow.yaw_deg) == len(narrow.crops) == len(files)
