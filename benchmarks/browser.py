"""Drive a real Chromium with a fake webcam through Playwright, and log the frames it shows."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
FRAME_LOGGER = (Path(__file__).parent / "frame_numbers.js").read_text()


def chromium_path() -> str | None:
    """The path of Chromium, from $CHROMIUM or $PATH; None if it is not installed."""
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


@contextmanager
def chromium(
    playwright: Playwright,
    *,
    camera: Path | None,
    origin: str = "",
    prefix: Sequence[str] = (),
    allow: bool = True,
    secure: bool = True,
) -> Iterator[Browser]:
    """Run a headless Chromium until the context exits.

    Args:
        playwright: The Playwright instance; there can be only one at a time.
        camera: Video that the fake webcam plays; None for no webcam.
        origin: Origin of the app, treated as secure if `secure`, as if it used HTTPS.
        prefix: Command prefix, see `benchmarks.netns`.
        allow: Whether pages are granted access to the webcam.
        secure: See `origin`.

    Raises:
        FileNotFoundError: Chromium is not installed.
    """
    path = chromium_path()
    if path is None:
        raise FileNotFoundError("Chromium was not found: install it or set CHROMIUM.")
    flags = list(FLAGS)
    if camera is not None:
        flags += ["--use-fake-device-for-media-stream",
                  f"--use-file-for-fake-video-capture={camera}"]  # fmt: skip
    # With this flag the permission prompt is accepted; without it headless Chromium denies access.
    if allow:
        flags.append("--use-fake-ui-for-media-stream")
    if secure and origin:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={origin}")
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder) / "chromium"
        command.write_text(f'#!/bin/sh\nexec {shlex.join([*prefix, path])} "$@"\n')
        command.chmod(0o755)
        browser = playwright.chromium.launch(
            executable_path=str(command), headless=True, args=flags
        )
        try:
            yield browser
        finally:
            browser.close()


def new_page(
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    log_frames: bool = True,
    keep_policy: bool = False,
    any_certificate: bool = False,
) -> Page:
    """Open a page in a new profile.

    Args:
        browser: The browser.
        width: Width of the page in pixels.
        height: Height of the page in pixels.
        log_frames: Whether the page logs the number of each frame that it shows.
        keep_policy: Whether the page's content security policy applies, under which
            Playwright cannot wait for functions.
        any_certificate: Whether certificates of unknown authorities are accepted.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        bypass_csp=not keep_policy,
        ignore_https_errors=any_certificate,
    )
    if log_frames:
        context.add_init_script(FRAME_LOGGER)
    return context.new_page()


def stream_frame(page: Page, *, timeout_s: float = 30) -> Frame:
    """Return the iframe of streamlit-webrtc once its Start button is there.

    Raises:
        RuntimeError: The stream has no iframe.
    """
    handle = page.wait_for_selector('iframe[title*="webrtc"]', timeout=timeout_s * 1e3)
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise RuntimeError("the stream has no iframe")
    frame.get_by_role("button", name="Start").wait_for(timeout=timeout_s * 1e3)
    return frame


def wait_for_frames(frame: Frame, count: int, *, timeout_s: float = 30) -> None:
    """Wait until the page has shown `count` frames from the server."""
    frame.wait_for_function(f"window.__remote.length >= {count}", timeout=timeout_s * 1e3)


def clear_frames(frame: Frame) -> None:
    """Clear the log of frames."""
    frame.evaluate("window.__local.length = 0; window.__remote.length = 0")


def logged_frames(frame: Frame) -> tuple[list[list[float]], list[list[float]]]:
    """Return the logs of the camera and of the server's video.

    Each entry is (milliseconds, frame number); the number is -1 if it could not be read.
    """
    local, remote = frame.evaluate("[window.__local, window.__remote]")
    return local, remote


def webrtc_totals(frame: Frame) -> dict[str, float]:
    """Return the browser's total times for encoding, buffering and decoding, with frame counts."""
    totals = frame.evaluate("window.__totals()")
    return {name: float(value) for name, value in totals.items()}


def remote_picture(frame: Frame) -> Any:
    """Return the current frame of the server's video as the data URL of a PNG."""
    return frame.evaluate(
        """() => { const v = document.querySelector('video');
        const c = document.createElement('canvas');
        c.width = v.videoWidth; c.height = v.videoHeight;
        c.getContext('2d').drawImage(v, 0, 0); return c.toDataURL('image/png'); }"""
    )
