"""The OpenAPI document of the JSON API, generated from the labels, detectors and limits."""

from __future__ import annotations

from typing import Any

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import UNSURE, Doubt
from realtime.web.uploads import (
    DETECTOR_NAMES,
    FIELD,
    MAX_PICTURES,
    MAX_THRESHOLD,
    MIN_THRESHOLD,
    PICTURE_TYPES,
)

_FLAGS = {
    "landmarks": (True, "Include the 468 mesh points of each face."),
    "thorough": (False, "Search for small faces too; takes several times as long."),
    "measures": (False, "Measure head pose in degrees, and how far eyes and mouth are open."),
    "gaze": (False, "Estimate the gaze direction relative to the head, in degrees."),
    "unsure": (True, "Label uncertain results 'unsure' instead of the most likely label."),
}
_ERRORS = {
    "400": "A query parameter or the form is invalid.",
    "413": "The request or a picture is too large.",
    "415": "The body is neither a form nor a picture.",
    "422": "A picture cannot be decoded.",
    "429": "Too many requests, pictures or megapixels from this address.",
    "503": "A requested model is not installed, or the server is busy.",
    "500": "Internal server error.",
}


def document() -> dict[str, Any]:
    """Create the document, in OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FaceStream",
            "version": "1",
            "description": "Detects faces in pictures and classifies masks, emotions and gender. "
            "Labels are estimates from appearance. Pictures are processed in memory and discarded "
            "after the response.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/v1/analyze": {"post": _analyze()},
            "/api/v1/health": {"get": _health()},
            "/api/v1/openapi.json": {"get": _openapi()},
        },
        "components": {"schemas": _schemas()},
    }


def _analyze() -> dict[str, Any]:
    picture = {"type": "string", "format": "binary"}
    files = {"type": "array", "items": picture, "minItems": 1, "maxItems": MAX_PICTURES}
    form = {"type": "object", "required": [FIELD], "properties": {FIELD: files}}
    return {
        "operationId": "analyze",
        "summary": "Detect and classify the faces in one or more pictures",
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
                "The results, in the order of the pictures.",
                {"type": "array", "items": {"$ref": "#/components/schemas/Picture"}},
            ),
            **{status: _json(text, _ERROR) for status, text in _ERRORS.items()},
        },
    }


def _parameters() -> list[dict[str, Any]]:
    attributes = {name: (a.default_on, a.help) for name, a in ATTRIBUTES.items()}
    flags = [
        _parameter(name, description, {"type": "boolean", "default": default})
        for name, (default, description) in (attributes | _FLAGS).items()
    ]
    detectors = {"type": "string", "enum": list(DETECTOR_NAMES)}
    score = {"type": "number", "minimum": MIN_THRESHOLD, "maximum": MAX_THRESHOLD}
    return [
        *flags,
        _parameter("detector", "The face detector.", detectors),
        _parameter("min_score", "Detection threshold; default: the detector's own.", score),
    ]


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


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
        "summary": "Check that the server is ready",
        "responses": {"200": _json("The models are loaded and warm.", schema)},
    }


def _openapi() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "Get this document",
        "responses": {"200": _json("The OpenAPI 3.1 document.", {"type": "object"})},
    }


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


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
        box={**four, "description": "left, top, right, bottom in pixels, after EXIF rotation"},
        score=_SHARE,
        landmarks=_or_null(landmarks),
    )
    for name, attribute in ATTRIBUTES.items():
        face["properties"][name] = _or_null(_classification(attribute.labels))
        if attribute.default_on:
            face["required"].append(name)
    face["properties"] |= _measures()
    return {
        "Picture": _object(
            path={"type": "string", "description": "the file name"},
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
                message={"type": "string", "description": "a sentence that says what to do"},
            )
        ),
    }


def _classification(labels: tuple[str, ...]) -> dict[str, Any]:
    doubts = [str(doubt.name).lower() for doubt in Doubt]
    schema = _object(
        label={"type": "string", "enum": [*labels, UNSURE]},
        probs=_object(**{label: _SHARE for label in labels}),
    )
    schema["properties"]["doubts"] = {"type": "array", "items": {"enum": doubts}}
    return schema


def _measures() -> dict[str, Any]:
    """What is there only where it was asked for."""
    number = {"type": "number"}
    return {
        "pose": _or_null(_object(yaw=number, pitch=number, roll=number)),
        "eyes_open": {"type": "array", "items": number, "minItems": 2, "maxItems": 2},
        "mouth_open": number,
        "gaze": _object(yaw=number, pitch=number),
    }


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object schema whose properties are all required."""
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
