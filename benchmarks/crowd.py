"""Viewers in a Chromium of their own that can vanish without goodbye."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Error, Frame, Page, Playwright

from benchmarks.app_server import AppServer
from benchmarks.browser import chromium, new_page, stream_frame, wait_for_frames
from benchmarks.netns import TwoHosts

WAIT_S = 60.0
START_S = 120.0  # of streams on a machine that is full: some are lost meanwhile and restart
DRIVER = "run-driver"  # what Playwright starts its driver with


class Crowd:
    """The viewers of one browser.

    Args:
        app: The app that they visit.
        browser: Their browser.
        process: Its main process.
    """

    def __init__(self, app: AppServer, browser: Browser, process: psutil.Process) -> None:
        self._app = app
        self._browser = browser
        self._process = process

    def visit(self, path: str = "") -> Page:
        """Open a page of the app as a new viewer."""
        page = new_page(self._browser)
        page.set_default_timeout(WAIT_S * 1e3)
        page.goto(f"{self._app.url}/{path}")
        return page

    def start_streams(self, count: int) -> list[Page]:
        """Have new viewers press Start; all their streams run at the end.

        Raises:
            RuntimeError: A stream does not start; the message says what its page shows.
        """
        started = [self.press_start() for _ in range(count)]
        for page, frame in started:
            with _explained(page):
                wait_for_frames(frame, 5, timeout_s=START_S)
        return [page for page, _ in started]

    def press_start(self) -> tuple[Page, Frame]:
        """Have a new viewer press Start, and return the page and the iframe of its stream.

        Raises:
            RuntimeError: There is no Start; the message says what the page shows.
        """
        page = self.visit()
        with _explained(page):
            frame = stream_frame(page, timeout_s=WAIT_S)
            frame.get_by_role("button", name="Start", exact=True).click()
        return page, frame

    def kill(self) -> None:
        """End all processes of the browser at once, as when a machine loses its power."""
        processes = [self._process, *self._process.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)


@contextmanager
def _explained(page: Page) -> Iterator[None]:
    """Say what the page shows if its stream does not start in time."""
    try:
        yield
    except Error as error:  # too late, or the page has replaced the stream by something else
        notices = page.locator('[role="alert"], [data-testid="stAlert"]').all_inner_texts()
        shown = " ".join(" ".join(notices).split()) or "no notice"
        raise RuntimeError(f"A stream did not start. Its page shows: {shown}") from error


@contextmanager
def crowd(
    playwright: Playwright, app: AppServer, hosts: TwoHosts | None, camera: Path
) -> Iterator[Crowd]:
    """Start a browser for some viewers.

    Args:
        playwright: The Playwright instance.
        app: The app that they visit.
        hosts: The hosts of server and browser; None if both share the machine's network.
        camera: Video that their webcams play.
    """
    me = psutil.Process()
    others = set(me.children(recursive=True))
    prefix = hosts.client if hosts else ()
    with chromium(playwright, camera=camera, origin=app.url, prefix=prefix) as browser:
        yield Crowd(app, browser, _main_of(set(me.children(recursive=True)) - others))


def _main_of(new: set[psutil.Process]) -> psutil.Process:
    """The new process that Playwright's driver has started.

    Browsers and servers that run already start processes too, and end them.
    """
    for process in new:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = process.parent()
            if parent is not None and DRIVER in parent.cmdline():
                return process
    raise RuntimeError("the browser's process was not found")
