"""The Archive page in a real browser: what it shows, and a filter that stays in the link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import cv2
import pytest
from playwright.sync_api import Browser, expect

from benchmarks.app_server import AppServer, run_app
from benchmarks.browser import new_page
from realtime.bulk.job import Job
from realtime.bulk.run import Archive, run_archive
from realtime.core.arrays import Frame
from tests.browser.conftest import Stage
from tests.browser.test_accessibility import serious_violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def app(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory, astronaut: Frame, hopper: Frame
) -> Iterator[AppServer]:
    """The app with results of two photos, both without a mask."""
    folder = tmp_path_factory.mktemp("archive")
    for name, picture in (("astronaut", astronaut), ("hopper", hopper)):
        cv2.imwrite(str(folder / f"{name}.jpg"), picture)
    run_archive(Archive(sources=(str(folder),), folder=folder / "results/two", job=Job(crops=True)))
    with run_app(
        "stream_app.py",
        host=stage.hosts.address if stage.hosts else "localhost",
        prefix=stage.hosts.server if stage.hosts else (),
        environment={"FACESTREAM_ARCHIVES": str(folder / "results")},
    ) as running:
        yield running


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_serious_violations(
    browser: Browser, app: AppServer, theme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{app.url}/archive")
    expect(page.locator(".fs-thumbs img")).to_have_count(2, timeout=WAIT_MS)
    expect(page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg")).to_have_count(4)
    assert not serious_violations(page)


def test_faces_are_shown_and_filtered(browser: Browser, app: AppServer) -> None:
    page = new_page(browser)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{app.url}/archive")
    pictures = page.locator(".fs-thumbs img")
    expect(pictures).to_have_count(2, timeout=WAIT_MS)
    shown = "n => n.complete && n.naturalWidth > 0"
    assert all(pictures.nth(k).evaluate(shown) for k in range(2))
    expect(page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg")).to_have_count(4)
    page.goto(f"{app.url}/archive?mask=mask+worn")
    expect(page.get_by_text("0 of 2 faces")).to_be_visible(timeout=WAIT_MS)
    expect(pictures).to_have_count(0)
