"""The benchmarks page as a script, with a benchmark that says what a test needs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from realtime import ui
from realtime.results import latency_run
from realtime.results.speed import LATENCY, STREAM
from realtime.results.stored import FOLDER

PAGE = Path(ui.__file__).parents[1] / "pages" / "benchmarks.py"
STORED = next(iter(sorted(FOLDER.glob(LATENCY.name))))
ENDLESS = 'import sys, time\nprint(\'{"done": 3, "total": 10}\', file=sys.stderr)\ntime.sleep(600)'


@pytest.fixture
def page() -> Iterator[AppTest]:
    yield AppTest.from_file(str(PAGE), default_timeout=60).run()
    st.cache_resource.clear()


def behaves(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """What the benchmark's process does instead."""
    monkeypatch.setattr(latency_run, "COMMAND", (sys.executable, "-u", "-c", code))


def press(page: AppTest, label: str) -> AppTest:
    return next(b for b in page.button if b.label == label).click().run()


def waited(page: AppTest, label: str) -> AppTest:
    """The page once it has a button of that name."""
    end = time.monotonic() + 60
    while label not in [b.label for b in page.button]:
        assert time.monotonic() < end, f"no button {label}"
        time.sleep(0.1)
        page = page.run()
    return page


def text(page: AppTest) -> str:
    assert not page.exception
    tables = [element.proto.body for element in page.get("html")]
    parts = (*page.markdown, *page.info, *page.warning, *page.caption)
    return "\n".join([*(part.value for part in parts), *tables])


def test_it_starts_with_the_stored_figures(page: AppTest) -> None:
    for run in LATENCY.read_all():
        assert run.header.commit in text(page)
        assert f">{run.rows[0].p50_ms:.1f}<" in text(page)
    for stream in STREAM.read_all():
        assert f">{stream.rows[0].delay_p50_ms:.0f}<" in text(page)
    assert "Measure this server" in text(page)


def test_what_was_measured_stands_beside_what_is_stored(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(STORED.read_text())
    told["rows"] = told["rows"][:1]
    told["rows"][0]["whole_ms"]["p50"] = 1234.5
    behaves(monkeypatch, f"print({json.dumps(told)!r})")
    page = waited(press(page, "Measure this server"), "Measure this server")
    assert ">1234.5<" in text(page)
    assert "now: median ms" in text(page)
    assert f">{LATENCY.read_all()[0].rows[0].p50_ms:.1f}<" in text(page)
    assert f">{LATENCY.read_all()[0].rows[1].p50_ms:.1f}<" not in text(page)  # has no like


def test_progress_another_visitor_and_cancel(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaves(monkeypatch, ENDLESS)
    page = waited(press(page, "Measure this server"), "Cancel")
    other = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "Another visitor is measuring" in text(other)
    assert not other.button
    page = waited(press(page, "Cancel"), "Measure this server")
    assert "The measurement was cancelled." in text(page)
    assert waited(other, "Measure this server")


def test_a_failure_is_a_sentence(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    behaves(monkeypatch, "raise SystemExit(1)")
    page = waited(press(page, "Measure this server"), "Measure this server")
    assert latency_run.FAILED in text(page)
