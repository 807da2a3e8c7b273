"""The scripts of the Photos page's components, in a real browser."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from realtime.ui.photo import strip as photo_strip
from realtime.ui.photo import view as photo_view

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

# Calls the script as Streamlit does, which may be out of order; see `realtime.ui.versioned`.
CALL = """async ([html, script, calls]) => {
  document.body.innerHTML = html;
  const { default: show } = await import(script);
  for (const data of calls) show({ parentElement: document.body, data, setTriggerValue() {} });
  return document.body.innerHTML;
}"""


def shown(browser: Browser, module: Any, *calls: dict[str, Any]) -> str:
    """Return the component's HTML after calling its script with each of these data."""
    script = Path(module.__file__).with_suffix(".js").read_bytes()
    page = browser.new_page()
    url = f"data:text/javascript;base64,{b64encode(script).decode()}"
    html = page.evaluate(CALL, [module._HTML, url, list(calls)])
    page.close()
    return str(html)


def test_the_strip_ignores_outdated_data(browser: Browser) -> None:
    def call(since_ms: int, caption: str) -> dict[str, Any]:
        item = {"id": "a", "name": "one.png", "caption": caption, "picture": ""}
        return {"items": [item], "selected": "a", "since_ms": since_ms}

    html = shown(browser, photo_strip, call(1, "waiting…"), call(2, "1 face"))
    assert "1 face" in html
    html = shown(browser, photo_strip, call(2, "1 face"), call(1, "waiting…"))
    assert "1 face" in html
    assert "waiting" not in html


def test_the_photo_view_ignores_outdated_data(browser: Browser) -> None:
    def call(since_ms: int, picture: str) -> dict[str, Any]:
        return {
            "pictures": [picture, picture],
            "width": 4,
            "height": 3,
            "wide": False,
            "faces": [],
            "since_ms": since_ms,
        }

    html = shown(browser, photo_view, call(2, "bmV3"), call(1, "b2xk"))
    assert "bmV3" in html
    assert "b2xk" not in html
