"""What the Photos page keeps of a visit: the photos, and what was found in each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

import models
from realtime.core.arrays import Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DetectorMissingError
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.media.pictures import BusyError, PictureError, decode_picture
from realtime.media.resize import fit_within
from realtime.output.crops import encode, face_crop, numbered
from realtime.output.photo_files import AnalysedPhoto
from realtime.render.draw import draw_result

SHOWN_SIDE_PX = 1600  # all a page can show; faces are cut from the full picture
CARD_SIDE_PX = 224
THUMB_SIDE_PX = 160
ODD = "Something went wrong with this picture: try another one, or reload the page."


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as the user gave it.

    Attributes:
        id: no other photo of the visit has it.
        name: its file's name.
        data: its file's bytes.
        source: the control that holds it still; empty where it has none any more.
    """

    id: str
    name: str
    data: bytes
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look at a photo gave, ready to be shown.

    Attributes:
        settings: those it was made with.
        result: the faces from left to right.
        shown_jpg: the photo as the page shows it.
        thumb_jpg: and as small as in the strip.
        cards_jpg: each face in the size of its card.
        problem: a sentence on why there is no result.
        lasting: whether the photo itself is at fault, so that no settings would help.
        passing: whether the server was busy, so that the same settings may help soon.
    """

    settings: AnalysisSettings
    result: FrameResult = FrameResult(Faces.empty(), (0, 0), 0.0)  # noqa: RUF009 (frozen)
    shown_jpg: bytes = b""
    thumb_jpg: bytes = b""
    cards_jpg: tuple[bytes, ...] = ()
    problem: str = ""
    lasting: bool = False
    passing: bool = False

    def holds_for(self, settings: AnalysisSettings) -> bool:
        """Whether another look with these settings would show nothing new."""
        return self.lasting or (self.settings == settings and not self.passing)

    @property
    def words(self) -> str:
        """How many faces there are, or that none is."""
        count = len(self.result.faces)
        return "No face found" if count == 0 else "1 face" if count == 1 else f"{count} faces"


def look(load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings) -> Look:
    """Decode a photo, find its faces and cut them out; never raises: a page has to say something.

    It is decoded only here, for that takes as long as a fast detector does.

    Args:
        load: gives the networks; called once the photo is known to be sound.
        photo: which.
        settings: how.
    """
    try:
        frame = decode_picture(photo.data)
        result = analyze_photo(load(), frame, settings)
        shown = fit_within(frame, SHOWN_SIDE_PX)
        cards = (face_crop(frame, xyxy) for xyxy in result.faces.xyxy)
        return Look(
            settings,
            result,
            encode(shown, ".jpg"),
            encode(fit_within(shown, THUMB_SIDE_PX), ".jpg"),
            tuple(encode(fit_within(card, CARD_SIDE_PX), ".jpg") for card in cards),
        )
    except PictureError as error:
        return Look(settings, problem=str(error), lasting=True)
    except BusyError as error:
        return Look(settings, problem=str(error), passing=True)
    except (DetectorMissingError, models.ModelError) as error:
        return Look(settings, problem=str(error))
    except Exception:
        logging.getLogger(__name__).exception("a photo could not be analysed")
        return Look(settings, problem=ODD)


def marked_jpg(seen: Look, draw: DrawSettings) -> bytes:
    """The shown picture with all faces marked and numbered."""
    data = np.frombuffer(seen.shown_jpg, np.uint8)
    shown: Frame = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    faces = numbered(seen.result.faces)
    scale = shown.shape[1] / seen.result.size_wh[0]
    draw_result(shown, faces.scaled(scale), draw)
    return encode(shown, ".jpg")


def drawing(settings: AnalysisSettings, *, landmarks: bool) -> DrawSettings:
    """What is drawn on photos that were analysed so."""
    return DrawSettings(landmarks=landmarks, measures=settings.measures or settings.gaze)


def caption(photo: Photo, seen: Look) -> str:
    """Name, size and time, to be written above the picture."""
    kilobytes = len(photo.data) / 1024
    weight = f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{kilobytes:.0f} KB"
    width, height = seen.result.size_wh
    took = f"searched in {seen.result.timings_ms['total']:.0f} ms"
    return f"{photo.name}: {width} by {height} pixels, {weight}, {took}"


def analysed(photo: Photo, seen: Look) -> AnalysedPhoto:
    """The photo with its result, as files are made from it."""
    return AnalysedPhoto(photo.name, photo.data, seen.result)


def with_detector(settings: AnalysisSettings, detector: str) -> AnalysisSettings:
    """The same settings for another detector, with its own certainty; this one keeps its own."""
    if detector == settings.detector:
        return settings
    return replace(settings, detector=detector, min_score=None)
