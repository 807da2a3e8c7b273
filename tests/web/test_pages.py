"""The pages through Flask's client."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from realtime.web.paragraphs import paragraphs
from tests.web.conftest import Form


@pytest.mark.parametrize(
    ("path", "title"), [("/", "Read the faces"), ("/gender", "Gender"), ("/about", "About")]
)
def test_a_page_needs_nothing_from_elsewhere(client: FlaskClient, path: str, title: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert title in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert all(a.startswith(("/", "#", "data:")) for a in addresses)
    for address in addresses:
        if address.endswith((".css", ".svg")) or ".css?" in address:
            assert client.get(address).status_code == 200


def test_an_upload_shows_each_face(client: FlaskClient, form: Form) -> None:
    answer = client.post("/gender", data=form("two.png"))
    assert answer.status_code == 200
    assert "2 faces" in answer.text
    assert answer.text.count("Eigenfaces and support vector machine") == 2
    assert answer.text.count("rebuilt from eigenfaces") == 2
    assert "two.png: 1024 by 512 pixels" in answer.text
    assert "No face found" in client.post("/gender", data=form("none.webp")).text


def test_a_wrong_upload_is_told_on_the_page(client: FlaskClient, form: Form) -> None:
    letter = client.post("/gender", data=form("letter.jpg"))
    assert letter.status_code == 422
    assert "letter.jpg: Unsupported file" in letter.text
    nothing = client.post("/gender", data={}, content_type="multipart/form-data")
    assert nothing.status_code == 400
    assert "Choose a picture first." in nothing.text


def test_paragraphs() -> None:
    blocks = paragraphs("## A & b\n\nSome **bold**\ntext of `a/b`.\n\n- one\n  more\n- <two>\n")
    assert [(b.kind, [str(line) for line in b.lines]) for b in blocks] == [
        ("heading", ["A &amp; b"]),
        ("paragraph", ["Some <strong>bold</strong> text of <code>a/b</code>."]),
        ("list", ["one more", "&lt;two&gt;"]),
    ]
