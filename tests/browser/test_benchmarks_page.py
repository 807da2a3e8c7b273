"""The benchmarks page as a person uses it, in a real browser: measure to the end, and cancel."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import new_page
from benchmarks.latency import FACES
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WAIT_MS = 180_000


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Page:
    opened = new_page(browser)
    opened.set_default_timeout(WAIT_MS)
    opened.goto(f"{stage.app.url}/benchmarks")
    return opened


def measuring(stage: Stage) -> bool:
    """Whether the server has a benchmark running."""
    return any("latency" in child.cmdline() for child in stage.app.process.children(recursive=True))


def test_measure_to_the_end(page: Page, stage: Stage) -> None:
    table = page.get_by_role("region", name="Time per frame by setting")
    stored = table.locator("tbody tr")
    stored.first.wait_for()
    page.get_by_role("button", name="Measure this server").click()
    page.get_by_role("button", name="Cancel").wait_for()
    assert measuring(stage)
    expect(table).to_contain_text("this run: median ms", timeout=WAIT_MS)
    expect(stored).to_have_count(len(FACES))  # the short version's settings alone
    expect(page.get_by_role("button", name="Measure this server")).to_be_visible()
    assert not measuring(stage)
    page.context.close()


def test_cancel_while_another_visitor_waits(page: Page, browser: Browser, stage: Stage) -> None:
    page.get_by_text("Full", exact=True).click()
    page.get_by_role("button", name="Measure this server").click()
    page.get_by_text("Measuring: ").wait_for()
    other = new_page(browser)
    other.goto(f"{stage.app.url}/benchmarks")
    other.get_by_text("Another visitor is running the benchmark").wait_for(timeout=WAIT_MS)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The benchmark was cancelled.").wait_for()
    other.get_by_role("button", name="Measure this server").wait_for(timeout=WAIT_MS)
    until = time.monotonic() + 30
    while measuring(stage):
        assert time.monotonic() < until, "the benchmark's process is left"
        time.sleep(0.1)
    other.context.close()
    page.context.close()
