"""The JSON API through Flask's client: answers, status codes, limits."""

from __future__ import annotations

import io
import tempfile
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from realtime.attribute.registry import EMOTION, GENDER, MASK
from realtime.web.app import create_app
from realtime.web.photo_service import Analyst
from realtime.web.uploads import MOST_BYTES, MOST_PICTURES
from tests.web.conftest import Form

ANALYZE = "/api/v1/analyze"


def refused(answer: Any, status: int, code: str) -> str:
    """The sentence of an error, after its form was checked."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    error = answer.get_json()["error"]
    assert set(error) == {"status", "code", "message"}
    assert (error["status"], error["code"]) == (status, code)
    assert error["message"].endswith(".")
    assert "Traceback" not in answer.text
    return str(error["message"])


def test_several_pictures_at_once(client: FlaskClient, form: Form) -> None:
    answer = client.post(ANALYZE, data=form("one.jpg", "two.png", "none.webp"))
    assert answer.status_code == 200
    records = answer.get_json()
    assert [(r["path"], len(r["faces"])) for r in records] == [
        ("one.jpg", 1),
        ("two.png", 2),
        ("none.webp", 0),
    ]
    face = records[0]["faces"][0]
    assert list(face) == ["box", "score", "landmarks", "mask", "emotion"]
    assert np.shape(face["landmarks"]["points"]) == (468, 2)
    for attribute in (MASK, EMOTION):
        assert tuple(face[attribute.name]["probs"]) == attribute.labels
    assert records[0]["timings_ms"]["total"] > 0


def test_one_picture_as_the_body(client: FlaskClient, photo: dict[str, bytes]) -> None:
    answer = client.post(ANALYZE, data=photo["one.jpg"], content_type="image/jpeg")
    assert [len(r["faces"]) for r in answer.get_json()] == [1]


def test_switches_are_obeyed(client: FlaskClient, form: Form) -> None:
    query = "?mask=false&emotion=0&landmarks=False&detector=blazeface-short"
    (face,) = client.post(ANALYZE + query, data=form("one.jpg")).get_json()[0]["faces"]
    assert face["mask"] is face["emotion"] is face["landmarks"] is None
    strict = client.post(f"{ANALYZE}?min_score=0.95&landmarks=0", data=form("two.png")).get_json()
    loose = client.post(f"{ANALYZE}?min_score=0.05&landmarks=0", data=form("two.png")).get_json()
    assert len(strict[0]["faces"]) <= len(loose[0]["faces"])


def test_gender_is_reported_only_where_requested(client: FlaskClient, form: Form) -> None:
    (face,) = client.post(f"{ANALYZE}?gender=true", data=form("one.jpg")).get_json()[0]["faces"]
    assert tuple(face["gender"]["probs"]) == GENDER.labels
    assert face["gender"]["label"] == "female"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?age=true", "no switch 'age'"),
        ("?mask=perhaps", "mask takes true or false"),
        ("?mask=true&mask=false", "twice"),
        ("?detector=none", "use facestream"),
        ("?min_score=much", "from 0.05 to 0.95"),
        ("?min_score=nan", "from 0.05 to 0.95"),
        ("?min_score=1", "from 0.05 to 0.95"),
    ],
)
def test_wrong_switches(client: FlaskClient, form: Form, query: str, says: str) -> None:
    answer = client.post(ANALYZE + query, data=form("one.jpg"))
    assert says in refused(answer, 400, "bad_request")


def test_wrong_bodies(client: FlaskClient, form: Form, photo: dict[str, bytes]) -> None:
    letter = client.post(ANALYZE, data=form("one.jpg", "letter.jpg"))
    assert "letter.jpg: This is not a picture" in refused(letter, 422, "unreadable_picture")
    huge = client.post(ANALYZE, data=form("huge.png"))
    assert "megapixels" in refused(huge, 413, "picture_too_large")
    refused(client.post(ANALYZE, json={"image": "x"}), 415, "unsupported_media_type")
    refused(client.post(ANALYZE), 415, "unsupported_media_type")
    other = {"photo": (io.BytesIO(photo["one.jpg"]), "one.jpg")}
    refused(client.post(ANALYZE, data=other), 400, "bad_request")
    empty = client.post(ANALYZE, data=b"", content_type="image/png")
    assert "empty" in refused(empty, 422, "unreadable_picture")
    many = form(*["none.webp"] * (MOST_PICTURES + 1))
    assert "at most" in refused(client.post(ANALYZE, data=many), 400, "bad_request")
    heavy = client.post(ANALYZE, data=b"x" * (MOST_BYTES + 1), content_type="image/png")
    refused(heavy, 413, "request_entity_too_large")


def test_wrong_addresses_and_methods(client: FlaskClient) -> None:
    refused(client.get("/api/v1/none"), 404, "not_found")
    answer = client.get(ANALYZE)
    refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    assert client.get("/none").mimetype == "text/html"


def test_a_name_is_never_a_path(client: FlaskClient, photo: dict[str, bytes]) -> None:
    data = {"image": (io.BytesIO(photo["none.webp"]), "../../etc/passwd")}
    assert client.post(ANALYZE, data=data).get_json()[0]["path"] == "passwd"


def test_uploads_never_touch_the_disk(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3)).astype(np.uint8)
    large = cv2.imencode(".png", noise)[1].tobytes()
    assert len(large) > 2_000_000

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, forbidden)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", forbidden, raising=False)
    data = {"image": (io.BytesIO(large), "noise.png")}
    assert client.post(ANALYZE, data=data).status_code == 200


def test_too_many_requests(analyst: Analyst) -> None:
    client = create_app(analyst, rate="2 per minute").test_client()
    assert [client.get("/api/v1/health").status_code for _ in range(5)] == [200] * 5
    for _ in range(2):
        refused(client.post(ANALYZE), 415, "unsupported_media_type")
    answer = client.post(ANALYZE)
    refused(answer, 429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) >= 0


def test_what_breaks_inside_is_not_shown(app: Flask, form: Form, monkeypatch: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Analyst, "analyze", broken)
    answer = app.test_client().post(ANALYZE, data=form("one.jpg"))
    assert "secret" not in refused(answer, 500, "internal")


def test_health_and_metrics(client: FlaskClient, form: Form) -> None:
    assert client.get("/api/v1/health").get_json()["status"] == "ok"
    client.post(ANALYZE, data=form("two.png"))
    text = client.get("/metrics").text
    assert 'facestream_requests_total{endpoint="api.analyze",method="POST",status="200"}' in text
    assert "facestream_faces_total" in text
    assert 'facestream_stage_seconds_count{stage="total"}' in text
