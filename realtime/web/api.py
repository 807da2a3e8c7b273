"""The JSON API, version 1."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

import models
from realtime.output.records import photo_record
from realtime.web.metrics import Metrics
from realtime.web.openapi import document
from realtime.web.photo_service import Analyst
from realtime.web.uploads import Switches, parse_switches, read_pictures


def api(analyst: Analyst, metrics: Metrics) -> Blueprint:
    """The routes below /api/v1."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    described = document()

    @blueprint.post("/analyze")
    def analyze() -> Response:
        """Every face of every picture, as `python -m realtime photo --json` writes them."""
        switches = parse_switches(request.args)
        records = []
        for name, frame in read_pictures(request):
            result = analyst.analyze(frame, switches.settings(), thorough=switches.thorough)
            metrics.analysed(result)
            records.append(_reported(photo_record(name, result), switches))
        return jsonify(records)

    @blueprint.get("/health")
    def health() -> Response:
        """Answers once the models are warm, for the server starts only then."""
        return jsonify({"status": "ok", "models": models.names()})

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        """The description of this API."""
        return jsonify(described)

    return blueprint


def _reported(record: dict[str, Any], switches: Switches) -> dict[str, Any]:
    if not switches.landmarks:
        for face in record["faces"]:
            face["landmarks"] = None
    return record
