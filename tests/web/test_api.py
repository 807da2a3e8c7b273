"""The JSON API through Flask's test client: responses, status codes, limits."""

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
from realtime.media import pictures
from realtime.media.picture_memory import PictureMemory
from realtime.web.app import create_app
from realtime.web.photo_service import PhotoService
from realtime.web.uploads import MAX_PICTURES, MAX_REQUEST_BYTES
from tests.web.conftest import Form

ANALYZE = "/api/v1/analyze"


def error_message(response: Any, status: int, code: str) -> str:
    """Check an error response and return its message."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    error = response.get_json()["error"]
    assert set(error) == {"status", "code", "message"}
    assert (error["status"], error["code"]) == (status, code)
    assert error["message"].endswith(".")
    assert "Traceback" not in response.text
    return str(error["message"])


def test_several_pictures_in_one_request(client: FlaskClient, form: Form) -> None:
    response = client.post(ANALYZE, data=form("one.jpg", "two.png", "none.webp"))
    assert response.status_code == 200
    records = response.get_json()
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
    response = client.post(ANALYZE, data=photo["one.jpg"], content_type="image/jpeg")
    assert [len(r["faces"]) for r in response.get_json()] == [1]


def test_query_parameters_are_applied(client: FlaskClient, form: Form) -> None:
    query = "?mask=false&emotion=0&landmarks=False&detector=blazeface-short"
    (face,) = client.post(ANALYZE + query, data=form("one.jpg")).get_json()[0]["faces"]
    assert face["mask"] is face["emotion"] is face["landmarks"] is None
    strict = client.post(f"{ANALYZE}?min_score=0.95&landmarks=0", data=form("two.png")).get_json()
    loose = client.post(f"{ANALYZE}?min_score=0.05&landmarks=0", data=form("two.png")).get_json()
    assert len(strict[0]["faces"]) <= len(loose[0]["faces"])


def test_gender_is_included_on_request(client: FlaskClient, form: Form) -> None:
    (face,) = client.post(f"{ANALYZE}?gender=true", data=form("one.jpg")).get_json()[0]["faces"]
    assert tuple(face["gender"]["probs"]) == GENDER.labels
    assert face["gender"]["label"] == "female"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?age=true", "Unknown parameter 'age'"),
        ("?mask=perhaps", "mask must be true or false"),
        ("?mask=true&mask=false", "only once"),
        ("?detector=none", "use facestream"),
        ("?min_score=much", "from 0.05 to 0.95"),
        ("?min_score=nan", "from 0.05 to 0.95"),
        ("?min_score=1", "from 0.05 to 0.95"),
    ],
)
def test_invalid_query_parameters(
    client: FlaskClient, form: Form, query: str, message: str
) -> None:
    response = client.post(ANALYZE + query, data=form("one.jpg"))
    assert message in error_message(response, 400, "bad_request")


def test_invalid_bodies(client: FlaskClient, form: Form, photo: dict[str, bytes]) -> None:
    text = client.post(ANALYZE, data=form("one.jpg", "text.jpg"))
    assert error_message(text, 422, "unreadable_picture").startswith("text.jpg: ")
    huge = client.post(ANALYZE, data=form("huge.png"))
    assert "megapixels" in error_message(huge, 413, "picture_too_large")
    error_message(client.post(ANALYZE, json={"image": "x"}), 415, "unsupported_media_type")
    error_message(client.post(ANALYZE), 415, "unsupported_media_type")
    other = {"photo": (io.BytesIO(photo["one.jpg"]), "one.jpg")}
    error_message(client.post(ANALYZE, data=other), 400, "bad_request")
    empty = client.post(ANALYZE, data=b"", content_type="image/png")
    assert "empty" in error_message(empty, 422, "unreadable_picture")
    many = form(*["none.webp"] * (MAX_PICTURES + 1))
    assert "at most" in error_message(client.post(ANALYZE, data=many), 400, "bad_request")
    heavy = client.post(ANALYZE, data=b"x" * (MAX_REQUEST_BYTES + 1), content_type="image/png")
    error_message(heavy, 413, "request_entity_too_large")


def test_busy_server(
    client: FlaskClient, photo: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_uploads", PictureMemory(max_bytes=10, wait_s=0))
    body = photo["one.jpg"]
    busy = client.post(ANALYZE, data=body, content_type="image/jpeg")
    assert "try again" in error_message(busy, 503, "busy")
    monkeypatch.undo()
    assert client.post(ANALYZE, data=body, content_type="image/jpeg").status_code == 200


def test_unknown_paths_and_methods(client: FlaskClient) -> None:
    error_message(client.get("/api/v1/none"), 404, "not_found")
    response = client.get(ANALYZE)
    error_message(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    assert client.get("/none").mimetype == "text/html"


def test_file_name_is_not_used_as_a_path(client: FlaskClient, photo: dict[str, bytes]) -> None:
    data = {"image": (io.BytesIO(photo["none.webp"]), "../../etc/passwd")}
    assert client.post(ANALYZE, data=data).get_json()[0]["path"] == "passwd"


def test_uploads_are_not_written_to_disk(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3)).astype(np.uint8)
    large = cv2.imencode(".png", noise)[1].tobytes()
    assert len(large) > 2_000_000

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a file was created")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, forbidden)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", forbidden, raising=False)
    data = {"image": (io.BytesIO(large), "noise.png")}
    assert client.post(ANALYZE, data=data).status_code == 200


def test_too_many_requests(service: PhotoService) -> None:
    client = create_app(service, rate="2 per minute").test_client()
    assert [client.get("/api/v1/health").status_code for _ in range(5)] == [200] * 5
    for _ in range(2):
        error_message(client.post(ANALYZE), 415, "unsupported_media_type")
    response = client.post(ANALYZE)
    error_message(response, 429, "too_many_requests")
    assert int(response.headers["Retry-After"]) >= 0


def test_internal_errors_are_not_exposed(app: Flask, form: Form, monkeypatch: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(PhotoService, "analyze", broken)
    response = app.test_client().post(ANALYZE, data=form("one.jpg"))
    assert "secret" not in error_message(response, 500, "internal")


def test_health_and_metrics(client: FlaskClient, form: Form) -> None:
    assert client.get("/api/v1/health").get_json()["status"] == "ok"
    client.post(ANALYZE, data=form("two.png"))
    text = client.get("/metrics").text
    assert 'facestream_requests_total{endpoint="api.analyze",method="POST",status="200"}' in text
    assert "facestream_faces_total" in text
    assert 'facestream_stage_seconds_count{stage="total"}' in text


def test_gaze_without_its_network_is_refused_and_all_else_answered(
    client: FlaskClient, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.web.uploads.gaze_missing", lambda: "It is missing.")
    response = client.post(f"{ANALYZE}?gaze=true", data=form("one.jpg"))
    assert "leave out the parameter gaze" in error_message(response, 400, "bad_request")
    response = client.post(f"{ANALYZE}?gaze=false", data=form("one.jpg"))
    assert len(response.get_json()[0]["faces"]) == 1


def test_measures_and_gaze_are_included_on_request(client: FlaskClient, form: Form) -> None:
    query = f"{ANALYZE}?measures=true&gaze=true&landmarks=false"
    (face,) = client.post(query, data=form("one.jpg")).get_json()[0]["faces"]
    assert list(face)[-4:] == ["pose", "eyes_open", "mouth_open", "gaze"]
    assert set(face["pose"]) == {"yaw", "pitch", "roll"}
    assert abs(face["pose"]["yaw"]) < 30


def test_health_is_where_orchestrators_look(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"
