"""Reading zipped data sets, their error messages, and the crop cache."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from training.crops import CropSpec, cache_key, cached, to_gray, whole_box
from training.data import Archive, DataError


def zipped(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        for path, data in files.items():
            archive.writestr(f"{name}/{path}", data)
    return folder


def test_missing_data_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Data folder .*nowhere not found\. Set it with --data\."):
        Archive(tmp_path / "nowhere", "fer2013")


def test_missing_zip_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"fer2013\.zip is missing from the data folder"):
        Archive(tmp_path, "fer2013")


def test_invalid_zip_file(tmp_path: Path) -> None:
    (tmp_path / "fer2013.zip").write_bytes(b"not a zip")
    with pytest.raises(DataError, match=r"fer2013\.zip is not a zip file"):
        Archive(tmp_path, "fer2013")


def test_missing_files_and_columns_and_invalid_pictures(tmp_path: Path) -> None:
    zipped(
        tmp_path,
        "set",
        {"t.csv": b"path,label\na.webp,x\n", "a.webp": b"no picture", "c.webp": b""},
    )
    with Archive(tmp_path, "set") as archive:
        assert archive.paths() == ["a.webp", "c.webp"]
        assert archive.table("t.csv", ["path"]) == [{"path": "a.webp", "label": "x"}]
        with pytest.raises(DataError, match="has no column box, side"):
            archive.table("t.csv", ["path", "box", "side"])
        with pytest.raises(DataError, match=r"set\.zip has no b\.webp"):
            archive.picture("b.webp")
        with pytest.raises(DataError, match=r"a\.webp in set\.zip is not a picture"):
            archive.picture("a.webp")
        with pytest.raises(DataError, match=r"c\.webp in set\.zip is not a picture"):
            archive.picture("c.webp")


def test_cache_is_reused_for_equal_settings_only(tmp_path: Path) -> None:
    built = []

    def build() -> dict[str, np.ndarray]:
        built.append(1)
        return {"crops": np.ones((2, 3), np.uint8)}

    for _ in range(2):
        arrays = cached("set", {"side": 1}, build, folder=tmp_path)
        np.testing.assert_array_equal(arrays["crops"], 1)
    assert len(built) == 1
    cached("set", {"side": 2}, build, folder=tmp_path)
    assert len(built) == 2


def test_cache_key_depends_on_data_code_and_weights() -> None:
    spec = CropSpec(48, 1.0, True)
    keys = [cache_key(spec, "a"), cache_key(spec, "b"), cache_key(spec, "a", split="x")]
    assert len({str(key) for key in keys}) == 3
    assert len(keys[0]["code"]) == len(keys[0]["weights"]) == 64


def test_widened_crop_keeps_the_scale() -> None:
    spec = CropSpec(48, 1 / 1.2, False)
    wide = spec.widened(1.25)
    assert wide.side_px == 60
    assert wide.side_px * wide.zoom == pytest.approx(spec.side_px * spec.zoom)


def test_whole_box_and_gray_conversion() -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    np.testing.assert_allclose(whole_box(picture), [[10, 5, 190, 95]])
    assert to_gray(np.full((2, 4, 4, 3), 7, np.uint8)).tolist() == np.full((2, 4, 4, 1), 7).tolist()
