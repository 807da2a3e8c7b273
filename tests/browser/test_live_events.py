"""Events beside the live stream, in a real browser."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.browser import chromium
from realtime.output.records import frame_record
from realtime.watch.serve import ResultsServer, ServeSettings
from tests.browser.conftest import Stage
from tests.browser.test_live_extras import WAIT_MS, downloaded, started
from tests.conftest import ROOT
from tests.events.builders import masks, sample_message

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_events_are_listed_and_downloaded(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    page, _ = started(browser, stage)
    page.get_by_text("Events", exact=True).click()
    page.get_by_role("button", name="Person", exact=True).click()
    events = page.locator(".fs-events")
    expect(events).to_contain_text("Face 1 appeared", timeout=WAIT_MS)
    # Operators alone name addresses, and none is named here.
    expect(page.get_by_text("Send to the operator")).to_have_count(0)
    lines = downloaded(page, "Download events", tmp_path).read_text().splitlines()
    event = json.loads(lines[0])
    assert (event["kind"], event["phase"], event["source"]) == ("person", "start", "live")

    page.get_by_role("button", name="Person", exact=True).click()
    expect(events).to_contain_text("until the stream or the rule ended", timeout=WAIT_MS)


def test_the_example_page_shows_results_and_events(stage: Stage) -> None:
    results = ResultsServer(ServeSettings(host="127.0.0.1", port=0))
    handler = partial(QuietHandler, directory=str(ROOT / "docs"))
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages,
        chromium(stage.playwright, camera=None) as browser,
    ):
        threading.Thread(target=pages.serve_forever, args=(0.01,), daemon=True).start()
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://127.0.0.1:{pages.server_port}/events.html?url={results.url}")
        expect(page.get_by_role("status")).to_have_text("Connected.", timeout=WAIT_MS)
        results.hub.offer_event(sample_message())
        expect(page.get_by_role("listitem")).to_contain_text("face 3: mask_missing start")
        result = masks(1.0, {1: "without_mask"})
        results.hub.offer_frame(frame_record("door", 0, result), 0.0)
        canvas = page.locator("canvas")
        expect(canvas).to_have_js_property("width", 640)
        results.close()
        expect(page.get_by_role("status")).to_have_text("Not connected; trying again.")
        assert errors == []
        pages.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
