"""What goes wrong in a request: a status, a code for programs and a sentence for people."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from models import ModelError
from realtime.core.errors import FaceStreamError

API = "/api/"
ODD = "Something went wrong here, not with your request: try again, and look into the server's log."
_SENTENCES = {
    400: "The request cannot be understood: compare it with /api/v1/openapi.json.",
    404: "There is nothing at this address: check how it is written.",
    405: "This address does not take this method: /api/v1/openapi.json says which it takes.",
    413: "The request is too large: send fewer or smaller pictures.",
    429: "Too many requests from your address: wait a minute and try again.",
}


class RequestError(FaceStreamError):
    """A request that cannot be served.

    Args:
        status: the HTTP status.
        code: one word for programs.
        message: one sentence that says what to do.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def handle_errors(app: Flask) -> None:
    """Answer errors below /api/ as JSON and elsewhere as a page; never with a stack trace."""

    @app.errorhandler(RequestError)
    def _told(error: RequestError) -> tuple[Response | str, int]:
        return _answer(error.status, error.code, error.message)

    @app.errorhandler(ModelError)
    def _missing(error: ModelError) -> tuple[Response | str, int]:
        return _answer(503, "model_missing", str(error))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> HTTPException | Response:
        status = error.code or 500
        if status < 400:
            return error
        code = HTTPStatus(status).name.lower()
        message = _SENTENCES.get(status, f"{HTTPStatus(status).phrase}.")
        answer = app.make_response(_answer(status, code, message))
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def _odd(error: Exception) -> tuple[Response | str, int]:
        logging.getLogger(__name__).exception("a request failed", exc_info=error)
        return _answer(500, "internal", ODD)


def _answer(status: int, code: str, message: str) -> tuple[Response | str, int]:
    if request.path.startswith(API):
        body = {"error": {"status": status, "code": code, "message": message}}
        return jsonify(body), status
    return render_template("error.html", title=HTTPStatus(status).phrase, message=message), status
