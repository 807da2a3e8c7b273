"""What a request brings: pictures, kept in memory and never on disk, and switches."""

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
from realtime.detect import live_names
from realtime.engine.photo import MAX_FACES
from realtime.media.pictures import PictureError, TooLargeError, decode_picture
from realtime.web.errors import RequestError

FIELD = "image"
MOST_PICTURES = 8
MOST_BYTES = 32 * 1024**2  # of a whole request; a picture alone is held to less
RATE = "60 per minute"  # requests of one address, as flask-limiter writes it
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")
LEAST_SCORE, MOST_SCORE = 0.05, 0.95
# A request is not to wait for a slow detector, nor the server to load TensorFlow for one.
OFFERED = tuple(live_names())
_YES, _NO = ("true", "1"), ("false", "0")


class MemoryRequest(Request):
    """A request whose uploads stay in memory: Werkzeug's own writes large ones to a file."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


@dataclass(frozen=True, slots=True)
class Switches:
    """What to run and to report; each is a parameter of the query by the same name.

    Attributes:
        attributes: names of the attributes that are classified; each is a switch of its own.
        landmarks: whether the 468 points of each face are in the answer.
        unsure: whether doubtful answers are called unsure.
        thorough: whether small faces are searched for in parts of the picture, which takes long.
        detector: a name in `OFFERED`.
        min_score: the detector's score from which a face counts; None is the detector's own.
    """

    attributes: frozenset[str] = field(default_factory=default_names)
    landmarks: bool = True
    unsure: bool = True
    thorough: bool = False
    detector: str = field(default_factory=lambda: AnalysisSettings().detector)
    min_score: float | None = None

    def settings(self) -> AnalysisSettings:
        """The same as settings of the pipeline."""
        return AnalysisSettings(
            detector=self.detector,
            min_score=self.min_score,
            max_faces=MAX_FACES,
            attributes=self.attributes,
            unsure=self.unsure,
        )


def parse_switches(query: MultiDict[str, str]) -> Switches:
    """The switches of a query string.

    Raises:
        RequestError: 400, a name is unknown or comes twice, or a value is not allowed.
    """
    options = [f.name for f in fields(Switches) if f.name != "attributes"]
    known = [*ATTRIBUTES, *options]
    attributes, chosen = set(default_names()), dict[str, Any]()
    for name, values in query.lists():
        if name not in known:
            raise _bad(f"There is no switch {name[:40]!r}: use {', '.join(known)}.")
        if len(values) != 1:
            raise _bad(f"The switch {name} is there twice: name it once.")
        value = _PARSERS.get(name, _flag)(name, values[0])
        if name not in ATTRIBUTES:
            chosen[name] = value
        elif value:
            attributes.add(name)
        else:
            attributes.discard(name)
    return Switches(**chosen, attributes=frozenset(attributes))


def read_pictures(request: Request) -> Iterator[tuple[str, Frame]]:
    """The pictures of a request, each with its file's name.

    One is decoded at a time: eight of the largest would fill a gigabyte.

    Args:
        request: a form with files named `image`, or one picture as the whole body.

    Raises:
        RequestError: 400 there is none or too many, 413 one is too large, 415 the body is neither
            a form nor a picture, 422 one cannot be read.
    """
    kind = request.mimetype
    if kind in PICTURE_TYPES:
        yield FIELD, _decode(FIELD, request.get_data())
        return
    if kind != "multipart/form-data":
        raise RequestError(
            415,
            "unsupported_media_type",
            f"Send a form with one or more files named {FIELD!r} (multipart/form-data), or one "
            "picture as the body (image/jpeg, image/png or image/webp).",
        )
    files = request.files.getlist(FIELD)
    if not files:
        raise _bad(f"The form has no file named {FIELD!r}: add one.")
    if len(files) > MOST_PICTURES:
        raise _bad(f"The form has {len(files)} pictures: send at most {MOST_PICTURES} at once.")
    for file in files:
        name = _shown(file)
        yield name, _decode(name, file.read())


def _shown(file: FileStorage) -> str:
    """The upload's name without folders and what cannot be printed; never used as a path."""
    last = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or FIELD


def _decode(name: str, data: bytes) -> Frame:
    try:
        return decode_picture(data)
    except TooLargeError as error:
        raise RequestError(413, "picture_too_large", f"{name}: {error}") from None
    except PictureError as error:
        raise RequestError(422, "unreadable_picture", f"{name}: {error}") from None


def _flag(name: str, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _bad(f"The switch {name} takes true or false, not {text[:40]!r}.")


def _detector(name: str, text: str) -> str:
    if text not in OFFERED:
        raise _bad(f"There is no detector {text[:40]!r}: use {', '.join(OFFERED)}.")
    return text


def _score(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not LEAST_SCORE <= value <= MOST_SCORE:
        raise _bad(f"{name} takes a number from {LEAST_SCORE} to {MOST_SCORE}, not {text[:40]!r}.")
    return value


_PARSERS: dict[str, Any] = {"detector": _detector, "min_score": _score}


def _bad(message: str) -> RequestError:
    return RequestError(400, "bad_request", message)
