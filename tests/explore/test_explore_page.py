"""The explore page as a script: every model, all detectors, both ways to tell of the landmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import models
from realtime import ui
from realtime.results import stored
from realtime.results.classifiers import ACCURACY
from realtime.results.detectors import DETECTION
from realtime.results.landmarks import IMPACT, LANDMARKS
from realtime.ui.explore.figures_table import table_html
from realtime.ui.explore.landmark_study import DOCS, EXACT, IMPACT_TITLE, section
from realtime.ui.explore.model_card import title
from tests.explore.written import IMPACT_JSON, LANDMARKS_JSON

PAGE = Path(ui.__file__).parents[1] / "pages" / "explore.py"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=60)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the stored figures."""
    for name in ("read", "read_all"):
        method = getattr(stored.Stored, name)
        monkeypatch.setattr(stored.Stored, name, lambda self, m=method: m(self, tmp_path))
    return tmp_path


def words(page: AppTest) -> str:
    assert not page.exception
    parts = (*page.header, *page.subheader, *page.markdown, *page.caption, *page.info, *page.error)
    tables = [element.proto.body for element in page.get("html")]
    return "\n".join([*(str(part.value) for part in parts), *tables])


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(element.proto.spec) for element in page.get("vega_lite_chart")]


def chosen(page: AppTest, key: str, value: str | list[str]) -> AppTest:
    page.session_state[key] = value
    return page.run()


@pytest.mark.parametrize("name", models.names())
def test_every_model_has_its_page(page: AppTest, name: str) -> None:
    page = chosen(page.run(), "model", name)
    card, text = models.card(name), words(page)
    assert page.header[0].value == title(name)
    for told in (*card["limits"], *card["training"]["sets"]):
        assert told in text.replace("&#x27;", "'")
    assert page.code[0].value == card["training"]["command"]
    assert page.metric[0].label == "Size"


def test_the_figures_are_the_file_s(page: AppTest) -> None:
    page.run()
    run = ACCURACY.read()
    figures = next(
        one for one in run.models["emotion"].labelled if one.name == "fer2013_private_test"
    )
    by_label = {metric.label: metric.value for metric in page.metric}
    assert by_label["Accuracy"] == f"{figures.accuracy.value:.3f}"
    assert by_label["Calibration error"] == f"{figures.calibration_error.value:.3f}"
    assert f'<td class="n">{figures.classes[0].recall:.3f}</td>' in words(page)
    told = " ".join(chart["description"] for chart in charts(page))
    assert "Confusion matrix" in told
    assert "Reliability" in told


def test_another_set_has_other_figures(page: AppTest) -> None:
    page.run()
    before = [metric.value for metric in page.metric]
    page.selectbox[0].select("expressions_oval_held").run()
    assert [metric.value for metric in page.metric] != before


def test_without_stored_figures_the_card_s_are_shown(page: AppTest, folder: Path) -> None:
    page.run()
    assert ACCURACY.command in page.info[0].value
    assert "models/emotion/card.toml" in words(page)
    told = " ".join(chart["description"] for chart in charts(page))
    assert "recall and precision" in told
    assert "Confusion matrix" not in told  # the card holds none


def test_detectors_are_compared_and_can_be_left_out(page: AppTest) -> None:
    page = chosen(page.run(), "show", "Detectors")
    text = words(page)
    for one in DETECTION.read().detectors:
        assert f">{one.average_precision:.3f}<" in text
    assert len(charts(page)) >= 3
    page = chosen(page, "detectors", [])
    assert not charts(page)
    assert "Choose one detector" in words(page)


def test_missing_detectors_are_said_in_a_sentence(page: AppTest, folder: Path) -> None:
    page = chosen(page.run(), "show", "Detectors")
    assert DETECTION.command in words(page)


def test_landmarks_as_the_document_tells_them(page: AppTest, folder: Path) -> None:
    page = chosen(page.run(), "show", "Landmarks")
    text = words(page)
    assert "Alignment is worth" in text
    assert IMPACT.command in text
    assert LANDMARKS.command in text
    assert not charts(page)
    assert len(page.image) == 2
    assert "<!--" not in text


def test_landmarks_by_their_figures(page: AppTest, folder: Path) -> None:
    (folder / LANDMARKS.name).write_text(json.dumps(LANDMARKS_JSON))
    (folder / IMPACT.name).write_text(json.dumps(IMPACT_JSON))
    page = chosen(page.run(), "show", "Landmarks")
    assert len(charts(page)) == 2
    assert not page.image
    text = words(page)
    assert "0.0500 [0.0400, 0.0600]" in text
    assert "some_set" in text
    assert "Alignment is worth" in text  # the findings stay
    assert "| points |" not in text  # their old table does not


def test_the_document_has_the_sections_that_are_shown() -> None:
    text = (DOCS / "landmarks.md").read_text(encoding="utf-8")
    for heading in (EXACT, IMPACT_TITLE):
        assert "![" in section(heading, text)
        assert "\n## " not in section(heading, text)
    assert section("No such heading", text) == ""


def test_a_table_aligns_figures_and_lets_no_markup_in() -> None:
    html = table_html("about", [{"name": "<b>", "n": "1,000"}, {"name": "x", "n": "–"}])
    assert "&lt;b&gt;" in html
    assert '<td class="n">1,000</td>' in html
    assert "<td>x</td>" in html
    assert 'tabindex="0"' in html
