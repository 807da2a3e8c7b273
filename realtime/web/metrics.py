"""Prometheus metrics: requests, latency, pictures, faces and time per stage."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from flask import Flask, Request, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from realtime.core.faces import FrameResult

_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)


class Metrics:
    """The metrics of one application.

    Args:
        registry: where they are registered; None: a registry of their own.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry or CollectorRegistry()
        self._requests = Counter(
            "facestream_requests",
            "HTTP requests.",
            ("endpoint", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "facestream_request_seconds",
            "Latency of HTTP requests.",
            ("endpoint",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._pictures = Counter(
            "facestream_pictures", "Pictures analysed.", registry=self._registry
        )
        self._faces = Counter("facestream_faces", "Faces detected.", registry=self._registry)
        self._stages = Histogram(
            "facestream_stage_seconds",
            "Duration of each stage of the analysis of a picture.",
            ("stage",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def count_picture(self, result: FrameResult) -> None:
        """Record one analysed picture."""
        self._pictures.inc()
        self._faces.inc(len(result.faces))
        for stage, ms in result.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1e3)

    def register(self, app: Flask, check_access: Callable[[Request], None]) -> None:
        """Measure every request of an application and serve the metrics at /metrics.

        Args:
            app: the application.
            check_access: raises an error for requests that may not read the metrics.
        """

        @app.before_request
        def _start() -> None:
            g.start_s = perf_counter()

        @app.after_request
        def _end(response: Response) -> Response:
            # Label by endpoint, not path: a vulnerability scanner would create thousands of series.
            endpoint = request.endpoint or "none"
            method = request.method if request.method in _METHODS else "other"
            self._requests.labels(endpoint, method, str(response.status_code)).inc()
            if "start_s" in g:
                self._seconds.labels(endpoint).observe(perf_counter() - g.start_s)
            return response

        @app.get("/metrics")
        def metrics() -> Response:
            check_access(request)
            return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
