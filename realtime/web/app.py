"""The Flask application: API, pages, metrics, error handling and rate limit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from prometheus_client import CollectorRegistry
from werkzeug.middleware.proxy_fix import ProxyFix

from realtime.web.access import check_metrics_access
from realtime.web.api import api
from realtime.web.budget import Budget
from realtime.web.errors import handle_errors
from realtime.web.metrics import Metrics
from realtime.web.pages import add_headers, pages
from realtime.web.photo_service import PhotoService
from realtime.web.uploads import MAX_REQUEST_BYTES, RATE, MemoryRequest

_UNLIMITED = ("static", "bootstrap.static", "metrics", "healthz", "api.health", "api.openapi")


def create_app(
    service: PhotoService,
    *,
    rate: str = RATE,
    budget: Budget | None = None,
    trusted_proxies: int = 0,
    metrics_token: str | None = None,
    registry: CollectorRegistry | None = None,
) -> Flask:
    """Create the application.

    Args:
        service: the models that analyse pictures.
        rate: requests allowed per client address, in flask-limiter's format.
        budget: pictures and pixels allowed per client address.
        trusted_proxies: number of proxies in front of the server, each of which appends the
            address it was called from to X-Forwarded-For.
        metrics_token: gives access to the metrics from other machines; None: none has.
        registry: of the metrics; None: one of their own.
    """
    app = Flask(__name__)
    app.request_class = MemoryRequest
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=64,
        BOOTSTRAP_SERVE_LOCAL=True,  # load nothing from other hosts
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=0
        )
    Bootstrap5(app)
    metrics, budget = Metrics(registry), budget or Budget()
    check_access = partial(
        check_metrics_access, token=metrics_token, trusted_proxies=trusted_proxies
    )
    metrics.register(app, check_access)
    add_headers(app)
    handle_errors(app)
    app.register_blueprint(api(service, metrics, budget))
    app.register_blueprint(pages(service, metrics, budget))
    # Where orchestrators look by default.
    app.add_url_rule("/healthz", "healthz", app.view_functions["api.health"])
    limiter = Limiter(
        get_remote_address, app=app, default_limits=[rate], headers_enabled=True,
        storage_uri="memory://",
    )  # fmt: skip
    for name in _UNLIMITED:
        view: Callable[..., object] | None = app.view_functions.get(name)
        if view is not None:
            limiter.exempt(view)
    return app
