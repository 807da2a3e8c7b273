"""The Flask application."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from realtime.web.api import api
from realtime.web.errors import handle_errors
from realtime.web.metrics import Metrics
from realtime.web.pages import pages, shared_headers
from realtime.web.photo_service import Analyst
from realtime.web.uploads import MOST_BYTES, RATE, MemoryRequest

_FREE = ("static", "bootstrap.static", "metrics", "api.health", "api.openapi")


def create_app(analyst: Analyst, *, rate: str = RATE) -> Flask:
    """The application.

    Args:
        analyst: what reads pictures.
        rate: how often one address may ask, as flask-limiter writes it.
    """
    app = Flask(__name__)
    app.request_class = MemoryRequest
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_PARTS=64,
        BOOTSTRAP_SERVE_LOCAL=True,  # nothing is fetched from elsewhere
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    Bootstrap5(app)
    metrics = Metrics()
    metrics.watch(app)
    shared_headers(app)
    handle_errors(app)
    app.register_blueprint(api(analyst, metrics))
    app.register_blueprint(pages(analyst, metrics))
    limiter = Limiter(
        get_remote_address, app=app, default_limits=[rate], headers_enabled=True,
        storage_uri="memory://",
    )  # fmt: skip
    for name in _FREE:
        view: Callable[..., object] | None = app.view_functions.get(name)
        if view is not None:
            limiter.exempt(view)
    return app
