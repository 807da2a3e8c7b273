"""`python -m realtime.web` as it is started, and its page as a person uses it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.browser import chromium, chromium_path, new_page
from realtime.core.faces import Frame
from realtime.web.__main__ import main
from tests.conftest import ROOT, require_or_skip

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "realtime.web", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 180
        while not answers(f"{url}/api/v1/health"):
            assert server.poll() is None, server.stdout and server.stdout.read().decode()
            assert time.monotonic() < until, "the server did not answer"
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        require_or_skip("there is no Chromium: install it or set CHROMIUM")
    with sync_playwright() as playwright, chromium(playwright, camera=None) as opened:
        yield opened


def opened(browser: Browser, url: str, *, width: int = 1280) -> tuple[Page, list[str]]:
    """A page, and a list that fills with whatever it asks of other hosts or complains about."""
    page, odd = new_page(browser, width=width, log_frames=False), list[str]()
    page.set_default_timeout(WAIT_MS)
    page.on("request", lambda r: None if r.url.startswith((url, "data:")) else odd.append(r.url))
    page.on("console", lambda m: odd.append(m.text) if m.type == "error" else None)
    return page, odd


@pytest.mark.parametrize("width", [1280, 390])
def test_an_upload_shows_its_faces(
    browser: Browser, site: str, astronaut: Frame, hopper: Frame, tmp_path: Path, width: int
) -> None:
    picture = tmp_path / "two people.jpg"
    cv2.imwrite(str(picture), np.hstack([astronaut, hopper[:512]]))
    page, odd = opened(browser, site, width=width)
    page.goto(site)
    page.get_by_role("link", name="Try a picture").click()
    page.set_input_files("input[type=file]", picture)
    page.get_by_role("button", name="Read faces").click()
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible()
    expect(page.get_by_text("two people.jpg: 1024 by 512 pixels")).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('main img')].every(i => i.complete && i.naturalWidth > 0)"
    )
    # The picture, and of each face its crop, the aligned one and the rebuilt one.
    assert page.locator("main img").count() == 7
    page.get_by_text("Its strongest eigenfaces").first.click()
    expect(page.get_by_text("in standard deviations").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert odd == []
    page.close()


def test_a_file_that_is_no_picture(browser: Browser, site: str, tmp_path: Path) -> None:
    page, _ = opened(browser, site)
    path = tmp_path / "letter.png"
    path.write_text("Dear reader")
    page.goto(f"{site}/gender")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Read faces").click()
    expect(page.get_by_role("alert")).to_contain_text("letter.png: This is not a picture")
    page.close()


def test_a_port_in_use_is_told(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = site.rpartition(":")[2]
    assert main(["--host", "127.0.0.1", "--port", port]) == 1
    assert "choose another" in capsys.readouterr().err


def test_a_rate_that_cannot_be_read_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rate", "often"]) == 1
    assert "60 per minute" in capsys.readouterr().err
