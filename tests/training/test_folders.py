"""Pictures in plain folders."""

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


def test_masks_in_folders(tmp_path: Path) -> None:
    assert mask_folders(tmp_path) == []
    assert mask_folders(tmp_path / "nowhere") == []
    worn = picture(tmp_path / "with_mask" / "deep" / "a.JPG".lower())
    with pytest.raises(DataError, match="lacks the folders without_mask"):
        mask_folders(tmp_path)
    bare = picture(tmp_path / "without_mask" / "b.png")
    (tmp_path / "without_mask" / "notes.txt").write_text("no picture")
    picture(tmp_path / "else" / "c.png")
    assert mask_folders(tmp_path) == [(worn, 0), (bare, 1)]
    (tmp_path / "incorrect").mkdir()
    with pytest.raises(DataError, match="incorrect holds no pictures"):
        mask_folders(tmp_path)
    wrong = picture(tmp_path / "incorrect" / "d.webp")
    assert set(mask_folders(tmp_path)) == {(worn, 0), (bare, 1), (wrong, 2)}


def test_pictures_are_read_in_colour_or_named(tmp_path: Path) -> None:
    path = picture(tmp_path / "Zoë.png")
    assert read_picture(path).shape == (8, 8, 3)
    with pytest.raises(DataError, match=r"none\.png cannot be read: No such file"):
        read_picture(tmp_path / "none.png")


def test_a_fingerprint_knows_sizes_and_names(tmp_path: Path) -> None:
    paths = [picture(tmp_path / "a.png"), picture(tmp_path / "b.png")]
    before = fingerprint(paths)
    assert fingerprint(paths) == before
    assert fingerprint(paths[:1]) != before
    paths[0].write_bytes(b"shorter")
    assert fingerprint(paths) != before


@pytest.mark.parametrize(("count", "limit", "left"), [(10, None, 10), (10, 20, 10), (10, 3, 3)])
def test_thinning_spreads_what_is_left(count: int, limit: int | None, left: int) -> None:
    rows = list(range(count))[thinned(count, limit)]
    assert len(rows) == left
    assert rows[-1] >= count // 2
