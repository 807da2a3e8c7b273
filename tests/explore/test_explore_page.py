"""The Explore page: every model, all detectors, and landmarks with and without stored results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import models
from realtime import ui
from realtime.results.classifiers import ACCURACY
from realtime.results.detectors import DETECTION
from realtime.results.landmarks import IMPACT, LANDMARKS
from realtime.results.stored import StoredResults
from realtime.ui.explore.landmark_study import (
    ACCURACY_HEADING,
    DOCS,
    IMPACT_HEADING,
    document_section,
)
from realtime.ui.explore.model_card import model_title
from realtime.ui.explore.results_table import table_html
from tests.explore.sample_results import IMPACT_JSON, LANDMARKS_JSON

PAGE = Path(ui.__file__).parents[1] / "pages" / "explore.py"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=60)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder from which stored results are read."""
    for name in ("read", "read_all"):
        method = getattr(StoredResults, name)
        monkeypatch.setattr(StoredResults, name, lambda self, m=method: m(self, tmp_path))
    return tmp_path


def page_text(page: AppTest) -> str:
    assert not page.exception
    parts = (*page.header, *page.subheader, *page.markdown, *page.caption, *page.info, *page.error)
    tables = [element.proto.body for element in page.get("html")]
    return "\n".join([*(str(part.value) for part in parts), *tables])


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(element.proto.spec) for element in page.get("vega_lite_chart")]


def select(page: AppTest, key: str, value: str | list[str]) -> AppTest:
    page.session_state[key] = value
    return page.run()


@pytest.mark.parametrize("name", models.names())
def test_every_model_has_a_card(page: AppTest, name: str) -> None:
    page = select(page.run(), "model", name)
    card, text = models.card(name), page_text(page)
    assert page.header[0].value == model_title(name)
    for entry in (*card["limits"], *card["training"]["sets"]):
        assert entry in text.replace("&#x27;", "'")
    assert page.code[0].value == card["training"]["command"]
    assert page.metric[0].label == "Size"


def test_metrics_are_those_of_the_stored_results(page: AppTest) -> None:
    page.run()
    run = ACCURACY.read()
    metrics = next(
        one for one in run.models["emotion"].labelled if one.name == "fer2013_private_test"
    )
    by_label = {metric.label: metric.value for metric in page.metric}
    assert by_label["Accuracy"] == f"{metrics.accuracy.value:.3f}"
    assert by_label["Calibration error"] == f"{metrics.calibration_error.value:.3f}"
    assert f'<td class="n">{metrics.classes[0].recall:.3f}</td>' in page_text(page)
    descriptions = " ".join(chart["description"] for chart in charts(page))
    assert "Confusion matrix" in descriptions
    assert "Reliability diagram" in descriptions


def test_selecting_another_set_changes_the_metrics(page: AppTest) -> None:
    page.run()
    before = [metric.value for metric in page.metric]
    page.selectbox("data-set-emotion").select("expressions_oval_held").run()
    assert [metric.value for metric in page.metric] != before


def test_card_metrics_are_shown_without_stored_results(page: AppTest, empty_folder: Path) -> None:
    page.run()
    assert ACCURACY.command in page.info[0].value
    assert "models/emotion/card.toml" in page_text(page)
    descriptions = " ".join(chart["description"] for chart in charts(page))
    assert "recall and precision" in descriptions
    assert "Confusion matrix" not in descriptions  # cards do not store one


def test_detectors_are_compared_and_can_be_deselected(page: AppTest) -> None:
    page = select(page.run(), "show", "Detectors")
    text = page_text(page)
    for metrics in DETECTION.read().detectors:
        assert f">{metrics.average_precision:.3f}<" in text
    assert len(charts(page)) >= 3
    page = select(page, "detectors", [])
    assert not charts(page)
    assert "Select at least one detector" in page_text(page)


def test_missing_detection_results_show_the_command(page: AppTest, empty_folder: Path) -> None:
    page = select(page.run(), "show", "Detectors")
    assert DETECTION.command in page_text(page)


def test_landmarks_without_stored_results_show_the_document(
    page: AppTest, empty_folder: Path
) -> None:
    page = select(page.run(), "show", "Landmarks")
    text = page_text(page)
    assert findings_of(IMPACT_HEADING) in text
    assert IMPACT.command in text
    assert LANDMARKS.command in text
    assert not charts(page)
    assert len(page.image) == 2
    assert "<!--" not in text


def test_landmarks_with_stored_results_show_charts(page: AppTest, empty_folder: Path) -> None:
    (empty_folder / LANDMARKS.name).write_text(json.dumps(LANDMARKS_JSON))
    (empty_folder / IMPACT.name).write_text(json.dumps(IMPACT_JSON))
    page = select(page.run(), "show", "Landmarks")
    assert len(charts(page)) == 2
    assert not page.image
    text = page_text(page)
    assert "0.0500 [0.0400, 0.0600]" in text
    assert "some_set" in text
    assert "ground-truth box" in text
    assert "eyes only" in text
    assert findings_of(IMPACT_HEADING) in text  # the document's findings stay
    assert "| points |" not in text  # its table is replaced


def findings_of(heading: str) -> str:
    """The first line after the results in a section of the document."""
    section = document_section(heading, (DOCS / "landmarks.md").read_text(encoding="utf-8"))
    return section.partition("<!-- end -->\n")[2].strip().splitlines()[0]


@pytest.mark.parametrize("heading", [ACCURACY_HEADING, IMPACT_HEADING])
def test_the_document_has_the_sections_that_are_shown(heading: str) -> None:
    text = (DOCS / "landmarks.md").read_text(encoding="utf-8")
    assert "![" in document_section(heading, text)
    assert "\n## " not in document_section(heading, text)


def test_a_missing_section_is_empty() -> None:
    assert document_section("No such heading", "# Title\n## Heading\ntext\n") == ""


def test_table_aligns_numbers_and_escapes_html() -> None:
    html = table_html("label", [{"name": "<b>", "n": "1,000"}, {"name": "x", "n": "–"}])
    assert "&lt;b&gt;" in html
    assert '<td class="n">1,000</td>' in html
    assert "<td>x</td>" in html
    assert 'tabindex="0"' in html
