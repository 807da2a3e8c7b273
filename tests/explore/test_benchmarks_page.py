"""The Benchmarks page, with a benchmark process that does what each test needs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from realtime import ui
from realtime.results import latency_job
from realtime.results.speed import LATENCY, STREAM
from realtime.results.stored import FOLDER
from realtime.ui.operator import may_run_benchmark

PAGE = Path(ui.__file__).parents[1] / "pages" / "benchmarks.py"
STORED = next(iter(sorted(FOLDER.glob(LATENCY.name))))
NEVER_ENDS = (
    'import sys, time\nprint(\'{"done": 3, "total": 10}\', file=sys.stderr)\ntime.sleep(600)'
)


@pytest.fixture(autouse=True)
def allowed_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACESTREAM_ALLOW_BENCHMARK", "1")


@pytest.fixture
def page() -> Iterator[AppTest]:
    yield AppTest.from_file(str(PAGE), default_timeout=60).run()
    st.cache_resource.clear()


def replace_benchmark(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Make the page run this code instead of the benchmark."""
    monkeypatch.setattr(latency_job, "COMMAND", (sys.executable, "-u", "-c", code))


def press(page: AppTest, label: str) -> AppTest:
    return next(b for b in page.button if b.label == label).click().run()


def wait_for_button(page: AppTest, label: str) -> AppTest:
    """Rerun the page until it has the button."""
    deadline = time.monotonic() + 60
    while label not in [b.label for b in page.button]:
        assert time.monotonic() < deadline, f"no button {label}"
        time.sleep(0.1)
        page = page.run()
    return page


def page_text(page: AppTest) -> str:
    assert not page.exception
    tables = [element.proto.body for element in page.get("html")]
    parts = (*page.markdown, *page.info, *page.warning, *page.caption)
    return "\n".join([*(part.value for part in parts), *tables])


def test_initial_page_shows_stored_results(page: AppTest) -> None:
    for run in LATENCY.read_all():
        assert run.environment.commit in page_text(page)
        assert f">{run.rows[0].p50_ms:.1f}<" in page_text(page)
    for stream in STREAM.read_all():
        assert f">{stream.rows[0].latency_p50_ms:.0f}<" in page_text(page)
    assert "Measure this server" in page_text(page)


def test_new_results_are_compared_with_stored_ones(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = json.loads(STORED.read_text())
    results["rows"] = results["rows"][:1]
    results["rows"][0]["whole_ms"]["p50"] = 1234.5
    replace_benchmark(monkeypatch, f"print({json.dumps(results)!r})")
    page = wait_for_button(press(page, "Measure this server"), "Measure this server")
    text, (first, second, *_) = page_text(page), LATENCY.read_all()[0].rows
    assert ">1234.5<" in text
    assert "this run: median ms" in text
    assert f">{first.p50_ms:.1f}<" in text
    assert f">{second.p50_ms:.1f}<" not in text  # this run has no such setting


def test_progress_another_session_and_cancel(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_benchmark(monkeypatch, NEVER_ENDS)
    page = wait_for_button(press(page, "Measure this server"), "Cancel")
    other = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "Another visitor is running the benchmark" in page_text(other)
    assert not other.button
    page = wait_for_button(press(page, "Cancel"), "Measure this server")
    assert latency_job.CANCELLED in page_text(page)
    assert wait_for_button(other, "Measure this server")


def test_failure_shows_a_message(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_benchmark(monkeypatch, "raise SystemExit(1)")
    page = wait_for_button(press(page, "Measure this server"), "Measure this server")
    assert latency_job.FAILED in page_text(page)


@pytest.mark.parametrize(
    ("address", "variable", "headers", "allowed"),
    [
        ("localhost", None, {}, True),
        ("127.0.0.1", None, {}, True),
        ("0.0.0.0", None, {}, False),
        (None, None, {}, False),
        ("0.0.0.0", "1", {}, True),
        ("localhost", "0", {}, False),
        ("localhost", None, {"X-Forwarded-For": "198.51.100.7"}, False),
    ],
)
def test_only_the_operator_decides_who_starts_it(
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
    variable: str | None,
    headers: dict[str, str],
    allowed: bool,
) -> None:
    if variable is None:
        monkeypatch.delenv("FACESTREAM_ALLOW_BENCHMARK")
    else:
        monkeypatch.setenv("FACESTREAM_ALLOW_BENCHMARK", variable)
    monkeypatch.setattr("realtime.ui.operator.login_configured", lambda: False)
    monkeypatch.setattr("realtime.ui.operator.config.get_option", {"server.address": address}.get)
    monkeypatch.setattr("realtime.ui.operator.st.context", Mock(headers=headers))
    assert may_run_benchmark() is allowed


def test_others_see_the_stored_results_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACESTREAM_ALLOW_BENCHMARK", "0")
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "Only the operator can start a benchmark" in page_text(page)
    assert not page.button
    assert LATENCY.read_all()[0].environment.commit in page_text(page)
