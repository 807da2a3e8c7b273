"""The browser draws on its own picture: two pages, a mode each, hiding, snapshots, recordings."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from benchmarks.browser import new_page, stream_frame
from realtime.render.overlay import style_message
from realtime.render.palette import UNKNOWN_COLOUR
from realtime.render.placement import place_labels
from realtime.ui import live
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_S = 60.0
# Connected regions of the canvas, cells of 4 pixels, in which boxes have one of the colours given.
BOXES = """colours => {
  const canvas = document.querySelector('.facestream:not([hidden]) canvas');
  if (!canvas || !canvas.width) return [];
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const like = (i, c) => data[i + 3] > 200 && c.every((v, k) => Math.abs(data[i + k] - v) < 12);
  const columns = Math.ceil(width / 4);
  const cells = new Set();
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const i = 4 * (y * width + x);
    if (colours.some(c => like(i, c))) cells.add((y >> 2) * columns + (x >> 2));
  }
  const boxes = [];
  for (const start of cells) {
    const found = [], waiting = [start];
    cells.delete(start);
    while (waiting.length) {
      const cell = waiting.pop();
      found.push([cell % columns, Math.floor(cell / columns)]);
      for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) {
        const next = cell + dy * columns + dx;
        if (cells.delete(next)) waiting.push(next);
      }
    }
    const xs = found.map(p => p[0] / columns), ys = found.map(p => 4 * p[1] / height);
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    if (box[2] - box[0] > 0.1) boxes.push(box);
  }
  return boxes;
}"""


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"waited {WAIT_S} s until {what}"
        time.sleep(0.1)


class Viewer:
    """A page whose policy applies, its stream's iframe, and what its console complains about."""

    def __init__(self, browser: Browser, stage: Stage, drawing: str) -> None:
        self.page: Page = new_page(browser, log_frames=False, keep_policy=True)
        self.page.set_default_timeout(WAIT_S * 1e3)
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(stage.app.url)
        self.page.get_by_role("tab", name="Settings").click()
        self.page.get_by_role("radio", name=drawing).click()
        expect(self.page.get_by_role("radio", name=drawing)).to_be_checked()
        self.frame: Frame = stream_frame(self.page, timeout_s=WAIT_S)
        self.frame.get_by_role("button", name="Start", exact=True).click()

    def boxes(self) -> list[list[float]]:
        """The boxes on the canvas, as shares of its width and height."""
        colours = [list(reversed(UNKNOWN_COLOUR))]  # all in one, unless another preset is chosen
        found: list[list[float]] = self.frame.evaluate(BOXES, colours)
        return found

    def first_box(self) -> list[float]:
        """The first box; on a busy machine none is drawn for moments, when results are late."""
        end = time.monotonic() + WAIT_S
        while not (boxes := self.boxes()):
            assert time.monotonic() < end, "no box was drawn"
        return boxes[0]

    def server_frames(self) -> int:
        """How many frames of the server's picture were shown."""
        count = "v => v ? v.getVideoPlaybackQuality().totalVideoFrames : 0"
        return int(self.frame.evaluate(f"({count})(document.querySelector('video'))"))

    def results(self) -> int:
        """How many results the page has received."""
        return int(self.page.evaluate("window.facestreamOverlay.results"))

    def camera_shown(self) -> bool:
        return bool(self.frame.evaluate("!!document.querySelector('.facestream:not([hidden])')"))

    def expect_faces(self, count: int) -> None:
        readout = self.page.locator("[data-faces]")
        expect(readout).to_have_attribute("data-faces", str(count), timeout=WAIT_S * 1e3)


def test_two_viewers_in_both_modes_see_their_own_faces(browser: Browser, stage: Stage) -> None:
    one = Viewer(browser, stage, "In the browser")
    with stage.browser(faces=2) as other:
        two = Viewer(other, stage, "In the browser")
        until(lambda: len(one.boxes()) == 1, "the first page has drawn its face")
        until(lambda: len(two.boxes()) == 2, "the second page has drawn its two faces")
        one.expect_faces(1)
        two.expect_faces(2)
        left, top, right, bottom = one.first_box()
        # `moving_faces` places one face in the middle, less than half of the picture wide.
        assert abs((left + right) / 2 - 0.5) < 0.1
        assert 0.1 < right - left < 0.6
        assert 0.05 < top < bottom < 0.95
        # After a cut, connection.js restores Streamlit's connection and not that of the results.
        assert one.page.evaluate("window.facestreamPage.socket.protocol") == "streamlit"
        before = one.server_frames(), two.server_frames()
        drawn = one.results(), two.results()
        until(lambda: one.results() > drawn[0] + 15, "results arrive for the first page")
        until(lambda: two.results() > drawn[1] + 15, "results arrive for the second page")
        assert (one.server_frames(), two.server_frames()) == before  # nothing was encoded
        two.page.close()  # three streams and browsers are too much for the two cores of a test
        three = Viewer(other, stage, "On the server")
        three.expect_faces(2)
        assert three.camera_shown() is False
        frames = one.server_frames(), three.server_frames()
        until(lambda: three.server_frames() > frames[1] + 15, "the server draws the third page")
        assert one.server_frames() == frames[0]
        assert one.errors == two.errors == three.errors == []
    one.frame.get_by_role("button", name="Stop", exact=True).click()
    until(lambda: not one.camera_shown(), "the camera's picture has gone")
    one.frame.get_by_role("button", name="Start", exact=True).click()
    until(lambda: len(one.boxes()) == 1, "it is drawn again after a restart")
    assert one.errors == []


def test_the_server_draws_while_faces_are_hidden(browser: Browser, stage: Stage) -> None:
    viewer = Viewer(browser, stage, "In the browser")
    until(lambda: len(viewer.boxes()) == 1, "the page has drawn its face")
    viewer.page.get_by_role("radio", name="Pixelate").click()
    until(lambda: not viewer.camera_shown(), "the camera's own picture has gone")
    before = viewer.server_frames()
    until(lambda: viewer.server_frames() > before + 5, "the server's picture is shown")
    viewer.page.get_by_role("radio", name="Off", exact=True).click()
    until(lambda: len(viewer.boxes()) == 1, "the page draws again")
    viewer.page.get_by_role("radio", name="On the server").click()
    until(lambda: not viewer.camera_shown(), "the server draws by choice")
    assert viewer.errors == []


def test_snapshots_and_recordings_while_the_browser_draws(browser: Browser, stage: Stage) -> None:
    viewer = Viewer(browser, stage, "In the browser")
    until(lambda: len(viewer.boxes()) == 1, "the page has drawn its face")
    before = viewer.server_frames()
    viewer.page.get_by_role("button", name="Snapshot").click()
    expect(viewer.page.get_by_role("button", name="Annotated")).to_be_visible()
    viewer.page.get_by_role("button", name=re.compile("(^| )Record$")).click()
    expect(viewer.page.get_by_role("timer")).to_be_visible()
    time.sleep(1.5)
    viewer.page.get_by_role("button", name="Stop recording").click()
    expect(viewer.page.get_by_role("button", name=re.compile("(^| )Download$"))).to_be_visible()
    assert len(viewer.boxes()) == 1
    assert viewer.server_frames() == before
    assert viewer.errors == []


CROWD = [(x, y, x + 50, y + 60) for y in range(10, 400, 75) for x in range(10, 580, 60)]


def scenes() -> list[dict[str, Any]]:
    """Faces with the sizes of their labels: none, two, a crowd, and some at random."""
    rng = np.random.default_rng(3)
    found: list[list[Any]] = [[], [(100, 100, 160, 170), (170, 100, 230, 170)], CROWD]
    for count in (1, 3, 6, 12, 24):
        corners = rng.uniform((-80, -80), (700, 520), (count, 2))
        found += [np.concatenate([corners, corners + rng.uniform(4, 260, (count, 2))], 1).tolist()]
    return [
        {
            "boxes": boxes,
            "full": rng.integers((60, 18), (200, 60), (len(boxes), 2)).tolist(),
            "short": rng.integers((20, 18), (50, 22), (len(boxes), 2)).tolist(),
        }
        for boxes in found
    ]


def test_the_page_places_labels_as_the_server_does(browser: Browser) -> None:
    script = Path(live.__file__).with_name("place_labels.js").read_text(encoding="utf-8")
    page = browser.new_page()
    style = json.loads(style_message())
    here = "({boxes, full, short}, style) => placeLabels(boxes, full, short, [640, 480], 2, style)"
    for scene in scenes():
        boxes = np.array(scene["boxes"], np.float32).reshape(-1, 4)
        scene["boxes"] = boxes.tolist()
        server = place_labels(boxes, scene["full"], scene["short"], (640, 480), gap_px=2)
        call = f"([scene, style]) => {{ {script}\n return ({here})(scene, style) }}"
        shown = page.evaluate(call, [scene, style])
        assert shown == [asdict(place) for place in server]
    page.close()
