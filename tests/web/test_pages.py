"""The pages through Flask's test client."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from realtime.attribute.registry import GENDER
from realtime.core.answers import Doubt
from realtime.core.faces import Frame
from realtime.web.paragraphs import paragraphs
from realtime.web.photo_service import GenderResult, PhotoService
from tests.builders import answers
from tests.web.conftest import Form


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Analyse faces"),
        ("/gender", "Gender"),
        ("/docs", "Include the 468 mesh points"),
        ("/about", "About"),
    ],
)
def test_page_loads_nothing_from_other_hosts(client: FlaskClient, path: str, title: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert title in response.text
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
    urls = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert all(url.startswith(("/", "#", "data:")) for url in urls)
    for url in urls:
        if url.endswith((".css", ".svg")) or ".css?" in url:
            assert client.get(url).status_code == 200


def test_upload_shows_each_face(client: FlaskClient, form: Form) -> None:
    response = client.post("/gender", data=form("two.png"))
    assert response.status_code == 200
    assert "2 faces" in response.text
    assert response.text.count("Eigenfaces and support vector machine") == 2
    assert response.text.count("reconstructed from eigenfaces") == 2
    assert "two.png: 1024 × 512 pixels" in response.text
    assert "No faces found" in client.post("/gender", data=form("none.webp")).text


@pytest.mark.parametrize(
    ("doubt", "unsure_bars"), [(Doubt.BLURRED, 4), (Doubt.CLOSE, 4), (Doubt(0), 0)]
)
def test_unsure_answers_have_no_bold_bar(
    client: FlaskClient,
    form: Form,
    monkeypatch: pytest.MonkeyPatch,
    doubt: Doubt,
    unsure_bars: int,
) -> None:
    analyse = PhotoService.gender

    def doubted(service: PhotoService, frame: Frame) -> GenderResult:
        done = analyse(service, frame)
        known = done.result.faces.attributes["gender"].prob
        gender = {"gender": answers(GENDER, known, doubts=[int(doubt)])}
        faces = done.result.faces.with_answers(gender)
        return replace(done, result=replace(done.result, faces=faces))

    monkeypatch.setattr(PhotoService, "gender", doubted)
    page = client.post("/gender", data=form("one.jpg")).text
    bars = page[: page.index("Strongest eigenfaces")]
    assert bars.count('class="bar unsure"') == unsure_bars
    assert bars.count('class="bar top"') == 2 - unsure_bars // 2
    assert ("gender unsure" in page) == bool(doubt)


def test_invalid_upload_is_reported_on_the_page(client: FlaskClient, form: Form) -> None:
    text = client.post("/gender", data=form("text.jpg"))
    assert text.status_code == 422
    assert "text.jpg: " in text.text
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
