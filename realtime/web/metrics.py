"""Counters for Prometheus: requests, their time, pictures, faces and the stages' time."""

from __future__ import annotations

from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from realtime.core.faces import FrameResult

_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)


class Metrics:
    """The counters of one application, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "facestream_requests",
            "Requests answered.",
            ("endpoint", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "facestream_request_seconds",
            "Time from a request to its answer.",
            ("endpoint",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._pictures = Counter(
            "facestream_pictures", "Pictures analysed.", registry=self._registry
        )
        self._faces = Counter("facestream_faces", "Faces found.", registry=self._registry)
        self._stages = Histogram(
            "facestream_stage_seconds",
            "Time of each stage of a picture's analysis.",
            ("stage",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def analysed(self, result: FrameResult) -> None:
        """Count one picture."""
        self._pictures.inc()
        self._faces.inc(len(result.faces))
        for stage, ms in result.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1e3)

    def watch(self, app: Flask) -> None:
        """Time every request of this application, and serve the counters at /metrics."""

        @app.before_request
        def _begin() -> None:
            g.began_s = perf_counter()

        @app.after_request
        def _end(response: Response) -> Response:
            # By endpoint, not by path: a scanner's thousand paths would be a thousand counters.
            endpoint = request.endpoint or "none"
            method = request.method if request.method in _METHODS else "other"
            self._requests.labels(endpoint, method, str(response.status_code)).inc()
            if "began_s" in g:
                self._seconds.labels(endpoint).observe(perf_counter() - g.began_s)
            return response

        @app.get("/metrics")
        def metrics() -> Response:
            return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
