"""`python -m realtime.web` as a process, and its pages in a browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
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
    """The URL of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "realtime.web", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while not responds(f"{url}/api/v1/health"):
            assert server.poll() is None, server.stdout and server.stdout.read().decode()
            assert time.monotonic() < deadline, "the server did not respond"
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def responds(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        require_or_skip("Chromium not found: install it or set CHROMIUM")
    with sync_playwright() as playwright, chromium(playwright, camera=None) as instance:
        yield instance


def open_page(browser: Browser, url: str, *, width: int = 1280) -> tuple[Page, list[str]]:
    """A page, and a list that collects its console errors and requests to other hosts."""
    page, problems = new_page(browser, width=width, log_frames=False), list[str]()
    page.set_default_timeout(WAIT_MS)
    page.on(
        "request", lambda r: None if r.url.startswith((url, "data:")) else problems.append(r.url)
    )
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    return page, problems


@pytest.mark.parametrize("width", [1280, 390])
def test_upload_shows_its_faces(
    browser: Browser, site: str, astronaut: Frame, hopper: Frame, tmp_path: Path, width: int
) -> None:
    picture = tmp_path / "two people.jpg"
    cv2.imwrite(str(picture), np.hstack([astronaut, hopper[:512]]))
    page, problems = open_page(browser, site, width=width)
    page.goto(site)
    page.get_by_role("link", name="Try a picture").click()
    page.set_input_files("input[type=file]", picture)
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible()
    expect(page.get_by_text("two people.jpg: 1024 × 512 pixels")).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('main img')].every(i => i.complete && i.naturalWidth > 0)"
    )
    # The picture, and for each face its crop, the aligned crop and the reconstruction.
    assert page.locator("main img").count() == 7
    page.get_by_text("Strongest eigenfaces").first.click()
    expect(page.get_by_text("in standard deviations").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert problems == []
    page.close()


def test_unsupported_file_shows_an_alert(browser: Browser, site: str, tmp_path: Path) -> None:
    page, _ = open_page(browser, site)
    path = tmp_path / "text.png"
    path.write_text("not a picture")
    page.goto(f"{site}/gender")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_role("alert")).to_contain_text("text.png: ")
    page.close()


def test_a_forwarded_request_does_not_count_as_local(site: str) -> None:
    assert responds(f"{site}/metrics")
    request = urllib.request.Request(f"{site}/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=10)


def test_port_in_use_is_reported(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = site.rpartition(":")[2]
    assert main(["--host", "127.0.0.1", "--port", port]) == 1
    assert "Choose another port" in capsys.readouterr().err


def test_invalid_rate_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rate", "often"]) == 1
    assert "60 per minute" in capsys.readouterr().err
