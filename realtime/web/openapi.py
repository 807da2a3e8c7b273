"""The OpenAPI document of the JSON API, made from the labels, detectors and limits in use."""

from __future__ import annotations

from typing import Any

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import UNSURE, Doubt
from realtime.web.uploads import (
    FIELD,
    LEAST_SCORE,
    MOST_PICTURES,
    MOST_SCORE,
    OFFERED,
    PICTURE_TYPES,
)

_OPTIONS = {
    "landmarks": (True, "Report the 468 points of each face's mesh."),
    "thorough": (False, "Search parts of the picture too, for small faces: several times slower."),
    "unsure": (True, "Call doubtful answers unsure instead of naming the best guess."),
}
_ERRORS = {
    "400": "A switch or the form is wrong.",
    "413": "The request or a picture is too large.",
    "415": "The body is neither a form nor a picture.",
    "422": "A picture cannot be read.",
    "429": "Too many requests from this address.",
    "503": "A model that was asked for is not installed here.",
    "500": "Something went wrong in the server.",
}


def document() -> dict[str, Any]:
    """The document, version 3.1 of OpenAPI."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FaceStream",
            "version": "1",
            "description": "Faces of still pictures: boxes, mesh, mask, emotion and gender. Each "
            "label is a guess from a picture. Pictures stay in the server's memory and are "
            "forgotten with the answer.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/v1/analyze": {"post": _analyze()},
            "/api/v1/health": {"get": _health()},
            "/api/v1/openapi.json": {"get": _described()},
        },
        "components": {"schemas": _schemas()},
    }


def _analyze() -> dict[str, Any]:
    picture = {"type": "string", "format": "binary"}
    files = {"type": "array", "items": picture, "minItems": 1, "maxItems": MOST_PICTURES}
    form = {"type": "object", "required": [FIELD], "properties": {FIELD: files}}
    return {
        "operationId": "analyze",
        "summary": "Find and classify the faces of one or more pictures",
        "parameters": _parameters(),
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                **{kind: {"schema": picture} for kind in PICTURE_TYPES},
            },
        },
        "responses": {
            "200": _json(
                "The pictures in the order they were sent.",
                {"type": "array", "items": {"$ref": "#/components/schemas/Picture"}},
            ),
            **{status: _json(why, _ERROR) for status, why in _ERRORS.items()},
        },
    }


def _parameters() -> list[dict[str, Any]]:
    attributes = {name: (a.default_on, a.help) for name, a in ATTRIBUTES.items()}
    switches = [
        _parameter(name, told, {"type": "boolean", "default": usual})
        for name, (usual, told) in (attributes | _OPTIONS).items()
    ]
    detectors = {"type": "string", "enum": list(OFFERED)}
    score = {"type": "number", "minimum": LEAST_SCORE, "maximum": MOST_SCORE}
    return [
        *switches,
        _parameter("detector", "What looks for faces.", detectors),
        _parameter("min_score", "How sure it must be of a face.", score),
    ]


def _parameter(name: str, told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": told, "schema": schema}


def _health() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["status", "models"],
        "properties": {
            "status": {"const": "ok"},
            "models": {"type": "array", "items": {"type": "string"}},
        },
    }
    return {
        "operationId": "health",
        "summary": "Whether the models are loaded and warm",
        "responses": {"200": _json("They are.", schema)},
    }


def _described() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "responses": {"200": _json("OpenAPI 3.1.", {"type": "object"})},
    }


def _json(told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


_ERROR = {"$ref": "#/components/schemas/Error"}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def _schemas() -> dict[str, Any]:
    four = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    landmarks = _object(
        model={"type": "string"},
        points={"type": "array", "items": point},
    )
    face = _object(
        box={**four, "description": "left, top, right, bottom in pixels of the upright picture"},
        score=_SHARE,
        landmarks=_or_null(landmarks),
    )
    for name, attribute in ATTRIBUTES.items():
        face["properties"][name] = _or_null(_answer(attribute.labels))
        if attribute.default_on:
            face["required"].append(name)
    return {
        "Picture": _object(
            path={"type": "string", "description": "the file's name"},
            width={"type": "integer"},
            height={"type": "integer"},
            faces={"type": "array", "items": {"$ref": "#/components/schemas/Face"}},
            timings_ms={"type": "object", "additionalProperties": {"type": "number"}},
        ),
        "Face": face,
        "Error": _object(
            error=_object(
                status={"type": "integer"},
                code={"type": "string"},
                message={"type": "string", "description": "one sentence that says what to do"},
            )
        ),
    }


def _answer(labels: tuple[str, ...]) -> dict[str, Any]:
    doubts = [str(doubt.name).lower() for doubt in Doubt]
    answer = _object(
        label={"type": "string", "enum": [*labels, UNSURE]},
        probs=_object(**{label: _SHARE for label in labels}),
    )
    answer["properties"]["doubts"] = {"type": "array", "items": {"enum": doubts}}
    return answer


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object all of whose properties are required."""
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
