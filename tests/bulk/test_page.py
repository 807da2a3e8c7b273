"""The page Archive, in Streamlit's own test runner."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from realtime.bulk.summary import FaceFilter
from realtime.ui.archive.folders import result_folders
from tests.bulk.conftest import PHOTOS, RATE, VIDEO_S, Analysed
from tests.conftest import ROOT

FACES = PHOTOS + VIDEO_S * RATE


def run_page(**query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "realtime/pages/archive.py"), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


@pytest.fixture
def root(analysed: Analysed, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's root: the folder of sources and results."""
    root = analysed.folder.parent
    monkeypatch.setenv("FACESTREAM_ARCHIVES", str(root))
    return root


def text_of(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html")) + " ".join(
        caption.value for caption in page.caption
    )


@pytest.mark.usefixtures("root")
def test_counts_histograms_and_faces_are_shown() -> None:
    page = run_page()
    text = text_of(page)
    assert f"<b>{PHOTOS + 1}</b><span>photos" in text
    assert f"{FACES:,} of {FACES:,} faces" in text
    assert text.count("<figure>") == PHOTOS + 2  # two segments of one track
    assert len(page.get("vega_lite_chart")) == 4
    assert "Errors (1)" in [one.label for one in (*page.expander, *page.status)]


@pytest.mark.usefixtures("root")
def test_a_filter_leaves_the_faces_that_pass() -> None:
    page = run_page()
    page.selectbox(key="mask").select("without_mask").run()
    some = text_of(page)
    page.selectbox(key="mask").select("with_mask").run()
    none = text_of(page)
    assert f"0 of {FACES:,} faces" in none
    assert "<figure>" in some
    assert "<figure>" not in none


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("value", ["'; DROP VIEW faces; --", "../..", "nothing"])
def test_an_invalid_link_falls_back_to_the_defaults(value: str) -> None:
    page = run_page(mask=value, results=value)
    assert f"{FACES:,} of {FACES:,} faces" in text_of(page)


def test_without_a_root_the_page_says_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACESTREAM_ARCHIVES", raising=False)
    page = run_page()
    assert "FACESTREAM_ARCHIVES" in page.markdown[0].value


def test_a_root_without_results_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACESTREAM_ARCHIVES", str(tmp_path))
    assert "No results found" in run_page().info[0].value


def test_damaged_results_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part-1.parquet").write_bytes(b"PAR1 nonsense")
    monkeypatch.setenv("FACESTREAM_ARCHIVES", str(tmp_path))
    assert "cannot be read" in run_page().error[0].value


def test_only_folders_below_the_root_are_offered(root: Path, tmp_path: Path) -> None:
    assert list(result_folders(root)) == ["out"]
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(root / "out")
    assert result_folders(tmp_path / "root") == {}


@pytest.mark.parametrize("labels", [{"mask": "x' OR true --"}, {"name; DROP": "happy"}])
def test_a_filter_takes_registered_names_only(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="there is no label"):
        FaceFilter(labels=labels)
