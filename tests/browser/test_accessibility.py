"""Accessibility checks by axe: every page, both themes, desktop and phone width."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Frame as StreamFrame

from benchmarks.browser import stream_frame
from realtime.core.faces import Frame
from tests.browser.conftest import Stage
from tests.video.clips import make_clip

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = 60_000
PAGES = (
    "",
    "photo",
    "video",
    "explore",
    "explore?model=Mask",
    "explore?show=Detectors",
    "explore?show=Landmarks",
    "benchmarks",
    "about",
)
EXTENT = "Infinite extent"  # Vega's warning about an axis without data
IMPACTS = {"serious", "critical"}
# Violations in Streamlit's own elements, which cannot be fixed here: rule and selector, reason.
KNOWN_IN_STREAMLIT = {
    (
        "aria-allowed-attr",
        ".stSidebar",
    ): "the collapsed sidebar of narrow screens has aria-expanded",
    (
        "label",
        'input[data-testid="stFileUploaderDropzoneInput"]',
    ): "hidden and not focusable; the button before it is labelled",
}


MIN_TARGET_PX = 44
# What can be pressed and is smaller. Links and help icons inside of text are exempt (WCAG 2.5.5),
# and so are elements whose label, which can be pressed too, is large enough.
SMALL_TARGETS = """least => {
  const roots = [document];
  for (const root of roots)
    for (const node of root.querySelectorAll('*')) if (node.shadowRoot) roots.push(node.shadowRoot);
  const targets = 'button, a[href], select, summary, [role=tab], [role=radio], [role=switch],'
    + ' [role=checkbox], [role=combobox]';
  const small = [];
  for (const root of roots) for (const node of root.querySelectorAll(targets)) {
    if (node.closest('p, li, td, .stVegaLiteChart, [data-testid=stTooltipIcon]')) continue;
    if (node.dataset.testid === 'stSkipToContent') continue;  // keyboards only: hidden until focus
    if (!node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const { width, height } = (node.closest('label') || node).getBoundingClientRect();
    if (!width || (width >= least - 0.5 && height >= least - 0.5)) continue;
    if (node.matches('[role=combobox]')) {
      const field = node.closest('[data-testid=stSelectbox] > div:last-child,'
        + ' [data-testid=stMultiSelect] > div:last-child');
      if (field && field.getBoundingClientRect().height >= least - 0.5) continue;
    }
    const name = node.ariaLabel || node.textContent.trim().slice(0, 30);
    small.push(`${node.tagName} ${node.dataset.testid || node.role || ''} "${name}"`
      + ` ${Math.round(width)}x${Math.round(height)}`);
  }
  return [...new Set(small)];
}"""
TABS = 20
FOCUS = """() => {
  const node = document.activeElement;
  let inner = node;
  while (inner.shadowRoot?.activeElement) inner = inner.shadowRoot.activeElement;
  const before = window.__focused;
  window.__focused = node;
  const backwards = before && node !== document.body && before.isConnected && node !== before
    && !(before.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)
    && !before.contains(node);
  const { width, height } = inner.getBoundingClientRect();
  const html = inner.outerHTML.slice(0, 90);
  return { backwards: !!backwards, seen: width > 0 && height > 0, html };
}"""


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame, hopper: Frame) -> Path:
    """A picture of two people."""
    path = tmp_path_factory.mktemp("pictures") / "two people.jpg"
    cv2.imwrite(str(path), np.hstack([astronaut, hopper[:512]]))
    return path


def with_content(page: Page, path: str, portrait: Path) -> Callable[[], None]:
    """Fill the page with content; return a function that undoes it."""
    if path == "":
        frame = stream_frame(page)
        frame.get_by_role("button", name="Start", exact=True).click()
        readout = page.locator("[data-faces]")
        expect(readout).to_have_attribute("data-faces", "1", timeout=WAIT_MS)
        return partial(stop, page, frame)
    if path == "photo":
        page.set_input_files("input[type=file]", portrait)
        expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
        page.mouse.move(0, 0)
    if path == "video":
        video = portrait.with_name("video.mp4")
        picture = cv2.resize(cv2.imread(str(portrait)), (640, 320))
        video.write_bytes(make_clip([np.asarray(picture, np.uint8)] * 8))
        page.set_input_files("input[type=file]", video)
        page.get_by_role("button", name="Analyse video").click()
        expect(page.get_by_role("heading", name="Face 2")).to_be_visible(timeout=WAIT_MS)
    if path.startswith(("explore", "benchmarks")):
        shown = page.locator(".fs-table, .stMarkdown table, .stVegaLiteChart")
        shown.locator("visible=true").first.wait_for()
    return lambda: None


def stop(page: Page, frame: StreamFrame) -> None:
    """Stop the stream and wait until the page shows what it offers next."""
    frame.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Press Start and allow the camera")).to_be_visible()
    expect(page.get_by_role("button", name="Try a sample")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_serious_violations(
    browser: Browser,
    stage: Stage,
    portrait: Path,
    path: str,
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
        bypass_csp=True,  # wait_for_function evaluates strings
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/{path}")
    page.get_by_role("heading", level=1).wait_for()
    undo = with_content(page, path, portrait)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')"
    )
    small = page.evaluate(SMALL_TARGETS, MIN_TARGET_PX) if width < 640 else []
    serious = serious_violations(page)
    undo()
    context.close()
    assert not serious, "\n".join(" | ".join(one) for one in sorted(serious))
    assert not small, "\n".join(small)


def serious_violations(page: Page) -> set[tuple[str, ...]]:
    """Rule, element, its HTML and a summary of each serious violation on a page."""
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        (rule["id"], node["target"][-1], node["html"], node["failureSummary"])
        for rule in violations
        if rule["impact"] in IMPACTS
        for node in rule["nodes"]
        if (rule["id"], node["target"][-1]) not in KNOWN_IN_STREAMLIT
    }


@pytest.mark.parametrize("path", PAGES)
def test_deep_links_log_no_errors_and_focus_follows_the_page(
    browser: Browser, stage: Stage, portrait: Path, path: str
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(WAIT_MS)
    logged: list[str] = []
    page.on(
        "console",
        lambda m: logged.append(m.text) if m.type == "error" or EXTENT in m.text else None,
    )
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.goto(f"{stage.app.url}/{path}")
    page.get_by_role("heading", level=1).wait_for()
    undo = with_content(page, path, portrait)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=WAIT_MS)
    undo()
    page.locator("h1").click()
    reached = 0
    for reached in range(TABS):  # noqa: B007
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["html"].startswith("<body"):
            break  # after the page's last element
        assert not focus["backwards"], focus["html"]
        assert focus["seen"], focus["html"]
    page.context.close()
    assert reached >= 3
    assert not logged, "\n".join(logged)
