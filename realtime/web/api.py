"""The JSON API, version 1."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

import models
from realtime.output.records import photo_record
from realtime.web.budget import Budget
from realtime.web.metrics import Metrics
from realtime.web.openapi import document
from realtime.web.photo_service import PhotoService
from realtime.web.uploads import QueryOptions, parse_query, read_pictures


def api(service: PhotoService, metrics: Metrics, budget: Budget) -> Blueprint:
    """Create the routes below /api/v1."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    openapi_document = document()

    @blueprint.post("/analyze")
    def analyze() -> Response:
        """Analyse every picture; records as written by `python -m realtime photo --json`."""
        options = parse_query(request.args)
        records = []
        for name, frame in read_pictures(request, budget):
            result = service.analyze(frame, options.settings(), thorough=options.thorough)
            metrics.count_picture(result)
            records.append(_without_landmarks(photo_record(name, result), options))
            del frame  # its memory is shared with other requests, and the next one needs some
        return jsonify(records)

    @blueprint.get("/health")
    def health() -> Response:
        """Respond; the server starts only once the models are loaded and warm."""
        return jsonify({"status": "ok", "models": models.names()})

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        """Return the API's OpenAPI document."""
        return jsonify(openapi_document)

    return blueprint


def _without_landmarks(record: dict[str, Any], options: QueryOptions) -> dict[str, Any]:
    """Set landmarks to null unless the options include them."""
    if not options.landmarks:
        for face in record["faces"]:
            face["landmarks"] = None
    return record
