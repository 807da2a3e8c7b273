"""Parse requests: pictures, kept in memory and never written to disk, and query parameters."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict

from realtime.attribute.registry import ATTRIBUTES, default_names
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import live_detector_names
from realtime.engine.photo import MAX_FACES
from realtime.landmark.registry import gaze_missing
from realtime.media.pictures import (
    BusyError,
    PictureError,
    TooLargeError,
    count_pixels,
    decode_picture,
)
from realtime.web.budget import Budget
from realtime.web.errors import RequestError

FIELD = "image"
MAX_PICTURES = 8
MAX_REQUEST_BYTES = 32 * 1024**2  # a single picture has a lower limit, see media.pictures
RATE = "60 per minute"  # per client address, in flask-limiter's format
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")
MIN_THRESHOLD, MAX_THRESHOLD = 0.05, 0.95  # for `min_score`
# Slow detectors would block other requests, and MTCNN would load TensorFlow into the server.
DETECTOR_NAMES = tuple(live_detector_names())
_YES, _NO = ("true", "1"), ("false", "0")


class MemoryRequest(Request):
    """A request that keeps uploads in memory; Werkzeug's default writes large ones to a file."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What to analyse and to report; each field is the query parameter of the same name.

    Attributes:
        attributes: names of the attributes to classify; each is a parameter of its own.
        landmarks: include the 468 mesh points of each face in the response.
        unsure: label uncertain results "unsure".
        thorough: search for small faces too, which takes several times as long.
        detector: a name in `DETECTOR_NAMES`.
        min_score: detection threshold, 0 to 1; None: the detector's default.
        measures: head pose, eyes and mouth.
        gaze: gaze direction.
    """

    attributes: frozenset[str] = field(default_factory=default_names)
    landmarks: bool = True
    unsure: bool = True
    thorough: bool = False
    detector: str = field(default_factory=lambda: AnalysisSettings().detector)
    min_score: float | None = None
    measures: bool = False
    gaze: bool = False

    def settings(self) -> AnalysisSettings:
        """Convert to the pipeline's settings."""
        return AnalysisSettings(
            detector=self.detector,
            min_score=self.min_score,
            max_faces=MAX_FACES,
            attributes=self.attributes,
            unsure=self.unsure,
            measures=self.measures,
            gaze=self.gaze,
        )


def parse_query(query: MultiDict[str, str]) -> QueryOptions:
    """Parse a query string.

    Raises:
        RequestError: 400 if a parameter is unknown or repeated, or its value is invalid.
    """
    options = [f.name for f in fields(QueryOptions) if f.name != "attributes"]
    known = [*ATTRIBUTES, *options]
    attributes, chosen = set(default_names()), dict[str, Any]()
    for name, values in query.lists():
        if name not in known:
            raise _bad_request(f"Unknown parameter {name[:40]!r}: use {', '.join(known)}.")
        if len(values) != 1:
            raise _bad_request(f"Send the parameter {name} only once.")
        value = _PARSERS.get(name, _parse_flag)(name, values[0])
        if name not in ATTRIBUTES:
            chosen[name] = value
        elif value:
            attributes.add(name)
        else:
            attributes.discard(name)
    if chosen.get("gaze") and gaze_missing():
        raise _bad_request("Gaze is not available on this server: leave out the parameter gaze.")
    return QueryOptions(**chosen, attributes=frozenset(attributes))


def read_pictures(request: Request, budget: Budget) -> Iterator[tuple[str, Frame]]:
    """Decode the pictures of a request one at a time: eight of the largest would take a gigabyte.

    Args:
        request: a form with files named `image`, or a single picture as the body.
        budget: what is left to each client; charged for all pictures before the first is decoded.

    Yields:
        The file name and the picture.

    Raises:
        RequestError: 400 if there are none or too many, 413 if one is too large, 415 if the body is
            neither a form nor a picture, 422 if one cannot be decoded, 429 if the client has sent
            too much, 503 if the server is busy.
    """
    pictures = _picture_files(request)
    pixels = sum(count_pixels(data) for _, data in pictures)
    budget.charge(request.remote_addr or "", pictures=len(pictures), pixels=pixels)
    for name, data in pictures:
        yield name, _decode(name, data)


def _picture_files(request: Request) -> list[tuple[str, bytes]]:
    """The name and the bytes of each picture of a request; see `read_pictures`."""
    kind = request.mimetype
    if kind in PICTURE_TYPES:
        return [(FIELD, request.get_data())]
    if kind != "multipart/form-data":
        raise RequestError(
            415,
            "unsupported_media_type",
            f"Send a form (multipart/form-data) with one or more files named {FIELD!r}, or one "
            "picture as the body (image/jpeg, image/png or image/webp).",
        )
    files = request.files.getlist(FIELD)
    if not files:
        raise _bad_request(f"Add a file named {FIELD!r} to the form.")
    if len(files) > MAX_PICTURES:
        raise _bad_request(f"Send at most {MAX_PICTURES} pictures at once, not {len(files)}.")
    return [(_display_name(file), file.read()) for file in files]


def _display_name(file: FileStorage) -> str:
    """The upload's file name without folders and unprintable characters; never used as a path."""
    last = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or FIELD


def _decode(name: str, data: bytes) -> Frame:
    try:
        return decode_picture(data)
    except TooLargeError as error:
        raise RequestError(413, "picture_too_large", f"{name}: {error}") from None
    except PictureError as error:
        raise RequestError(422, "unreadable_picture", f"{name}: {error}") from None
    except BusyError as error:
        raise RequestError(503, "busy", str(error)) from None


def _parse_flag(name: str, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _bad_request(f"The parameter {name} must be true or false, not {text[:40]!r}.")


def _parse_detector(name: str, text: str) -> str:
    if text not in DETECTOR_NAMES:
        raise _bad_request(f"Unknown detector {text[:40]!r}: use {', '.join(DETECTOR_NAMES)}.")
    return text


def _parse_score(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not MIN_THRESHOLD <= value <= MAX_THRESHOLD:
        raise _bad_request(
            f"The parameter {name} must be a number from {MIN_THRESHOLD} to {MAX_THRESHOLD}, not "
            f"{text[:40]!r}."
        )
    return value


_PARSERS: dict[str, Any] = {"detector": _parse_detector, "min_score": _parse_score}


def _bad_request(message: str) -> RequestError:
    return RequestError(400, "bad_request", message)
