"""Errors: an HTTP status, a code for programs and a sentence for people."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from models import ModelError
from realtime.core.errors import FaceStreamError

API = "/api/"
INTERNAL = "The server failed to process the request: try again, and check the server's log."
_MESSAGES = {
    400: "Invalid request: see /api/v1/openapi.json for the expected format.",
    404: "Page not found.",
    405: "Method not allowed: see /api/v1/openapi.json for the allowed methods.",
    413: "Send fewer or smaller pictures: the request is too large.",
    429: "Wait a minute and try again: too many requests from your address.",
}
# Python 3.13 has other names for these; the codes of errors stay.
_CODES = {
    413: "request_entity_too_large",
    414: "request_uri_too_long",
    416: "requested_range_not_satisfiable",
    422: "unprocessable_entity",
}


class RequestError(FaceStreamError):
    """A request that is rejected.

    Args:
        status: the HTTP status code.
        code: an identifier for programs, such as "bad_request".
        message: a sentence for users that says what to do.
        retry_after_s: seconds after which the request may succeed; None: it never will.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after_s = retry_after_s


def handle_errors(app: Flask) -> None:
    """Respond to errors with JSON below /api/ and with a page elsewhere, never a stack trace."""

    @app.errorhandler(RequestError)
    def _request_error(error: RequestError) -> Response:
        response = app.make_response(_error_response(error.status, error.code, error.message))
        if error.retry_after_s is not None:
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response

    @app.errorhandler(ModelError)
    def _model_error(error: ModelError) -> tuple[Response | str, int]:
        return _error_response(503, "model_missing", str(error))

    @app.errorhandler(HTTPException)
    def _http_error(error: HTTPException) -> HTTPException | Response:
        status = error.code or 500
        if status < 400:
            return error
        code = _CODES.get(status) or HTTPStatus(status).name.lower()
        message = _MESSAGES.get(status, f"{HTTPStatus(status).phrase}.")
        response = app.make_response(_error_response(status, code, message))
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def _internal_error(error: Exception) -> tuple[Response | str, int]:
        logging.getLogger(__name__).exception("request failed", exc_info=error)
        return _error_response(500, "internal", INTERNAL)


def _error_response(status: int, code: str, message: str) -> tuple[Response | str, int]:
    if request.path.startswith(API):
        body = {"error": {"status": status, "code": code, "message": message}}
        return jsonify(body), status
    if isinstance(request.routing_exception, (BadHost, SecurityError)):
        return Response(message, status, mimetype="text/plain"), status  # a page needs its address
    return render_template("error.html", title=HTTPStatus(status).phrase, message=message), status
