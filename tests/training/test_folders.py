"""Labelled pictures in plain folders."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.data import DataError
from training.folders import fingerprint, mask_folders, read_picture, thinned


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((8, 8), 90, np.uint8))
    return path


def test_mask_folders(tmp_path: Path) -> None:
    assert mask_folders(tmp_path) == []
    assert mask_folders(tmp_path / "nowhere") == []
    worn = picture(tmp_path / "with_mask" / "deep" / "a.JPG".lower())
    with pytest.raises(DataError, match=r"Folders missing from .*: without_mask\."):
        mask_folders(tmp_path)
    unmasked = picture(tmp_path / "without_mask" / "b.png")
    (tmp_path / "without_mask" / "notes.txt").write_text("no picture")
    picture(tmp_path / "other" / "c.png")
    assert mask_folders(tmp_path) == [(worn, 0), (unmasked, 1)]
    (tmp_path / "incorrect").mkdir()
    with pytest.raises(DataError, match="incorrect contains no pictures"):
        mask_folders(tmp_path)
    incorrect = picture(tmp_path / "incorrect" / "d.webp")
    assert set(mask_folders(tmp_path)) == {(worn, 0), (unmasked, 1), (incorrect, 2)}


def test_pictures_are_read_in_colour(tmp_path: Path) -> None:
    path = picture(tmp_path / "Zoë.png")
    assert read_picture(path).shape == (8, 8, 3)
    with pytest.raises(DataError, match=r"Cannot read .*none\.png: No such file"):
        read_picture(tmp_path / "none.png")


def test_fingerprint_depends_on_names_and_sizes(tmp_path: Path) -> None:
    paths = [picture(tmp_path / "a.png"), picture(tmp_path / "b.png")]
    before = fingerprint(paths)
    assert fingerprint(paths) == before
    assert fingerprint(paths[:1]) != before
    paths[0].write_bytes(b"shorter")
    assert fingerprint(paths) != before


@pytest.mark.parametrize(("count", "limit", "left"), [(10, None, 10), (10, 20, 10), (10, 3, 3)])
def test_thinned_rows_are_evenly_spaced(count: int, limit: int | None, left: int) -> None:
    rows = list(range(count))[thinned(count, limit)]
    assert len(rows) == left
    assert rows[-1] >= count // 2
