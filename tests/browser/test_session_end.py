"""What a visitor left in memory is freed after their browser has gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.app_server import run_app
from benchmarks.browser import chromium
from tests.browser.conftest import Stage

pytestmark = pytest.mark.browser
APP = "tests/browser/apps/session_app.py"
NOTE_SOCKETS = """
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...args) { super(...args); sockets.push(this); }
  };
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes.txt"


@pytest.fixture
def pages(stage: Stage, notes: Path) -> Iterator[tuple[Page, Page]]:
    """Two visitors of the page."""
    with (
        run_app(APP, environment={"NOTES": str(notes), "GRACE_S": "2"}) as app,
        chromium(stage.playwright, camera=None, origin=app.url) as browser,
    ):
        opened = [browser.new_context().new_page() for _ in range(2)]
        for page in opened:
            page.add_init_script(NOTE_SOCKETS)
            page.goto(app.url)
            expect(page.get_by_text("ready")).to_be_visible()
        yield opened[0], opened[1]


def wait_for(notes: Path, text: str, *, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while text not in notes.read_text().split():
        assert time.monotonic() < deadline, f"no {text!r} among {notes.read_text().split()}"
        time.sleep(0.1)


def test_state_is_freed_after_the_browser_has_gone(pages: tuple[Page, Page], notes: Path) -> None:
    pages[0].context.close()
    wait_for(notes, "ended")
    wait_for(notes, "freed")
    assert notes.read_text().split().count("freed") == 1  # the other visitor keeps theirs


def test_state_is_freed_after_a_browser_came_back_and_went_for_good(
    pages: tuple[Page, Page], notes: Path
) -> None:
    page = pages[0]
    page.evaluate("sockets.at(-1).close()")
    page.wait_for_function("sockets.length > 1 && sockets.at(-1).readyState === WebSocket.OPEN")
    page.wait_for_timeout(3000)  # longer than the server waits
    assert "freed" not in notes.read_text().split()
    page.context.close()
    wait_for(notes, "freed")


def test_state_survives_a_reload_of_the_connection(pages: tuple[Page, Page], notes: Path) -> None:
    page = pages[0]
    page.get_by_label("Name").fill("x")
    page.context.set_offline(True)
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.wait_for_timeout(4000)
    assert "freed" not in notes.read_text().split()
