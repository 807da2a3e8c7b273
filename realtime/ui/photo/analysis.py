"""Photos of a session and their analyses, ready to be shown."""

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

PREVIEW_SIDE_PX = 1600  # crops of faces are cut from the full-size photo
CARD_SIDE_PX = 224
THUMBNAIL_SIDE_PX = 160
UNEXPECTED_ERROR = "Something went wrong with this photo. Try another one, or reload the page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """An uploaded photo or a picture from the camera.

    Attributes:
        id: unique in the session.
        name: file name, unique in the session.
        data: the file's bytes.
        source: the control that holds the file, see `realtime.ui.photo.uploads`; empty if none
            does any longer.
    """

    id: str
    name: str
    data: bytes
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotoAnalysis:
    """The analysis of a photo and the pictures that the page shows of it.

    Attributes:
        settings: the settings used; None if the photo was only opened, or cannot be.
        result: the faces from left to right; none, but the photo's size, if it was only opened.
        preview_jpg: the photo, scaled down to `PREVIEW_SIDE_PX`.
        thumbnail_jpg: the photo for the strip.
        crops_jpg: the crop of each face for its card.
        error: why there is no result; empty if there is one.
        invalid_photo: whether the photo cannot be decoded, so that other settings would not help.
        busy: whether the server was busy, so that the same settings may succeed soon.
    """

    settings: AnalysisSettings | None
    result: FrameResult = FrameResult(Faces.empty(), (0, 0), 0.0)  # noqa: RUF009 (frozen)
    preview_jpg: bytes = b""
    thumbnail_jpg: bytes = b""
    crops_jpg: tuple[bytes, ...] = ()
    error: str = ""
    invalid_photo: bool = False
    busy: bool = False

    def is_current(self, settings: AnalysisSettings) -> bool:
        """Whether an analysis with these settings would give the same result."""
        return self.invalid_photo or (self.settings == settings and not self.busy)

    @property
    def face_count(self) -> str:
        """The number of faces as text: "Not analysed", "No faces found", "1 face", "2 faces"."""
        if self.settings is None:
            return "Not analysed"
        count = len(self.result.faces)
        return "No faces found" if count == 0 else "1 face" if count == 1 else f"{count} faces"


def open_photo(photo: Photo) -> PhotoAnalysis:
    """Decode a photo without analysing it. Never raises, as `analyse`."""
    return _analysis(photo, None, _unanalysed)


def analyse(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings
) -> PhotoAnalysis:
    """Decode and analyse a photo. Never raises: all errors become `PhotoAnalysis.error`.

    Args:
        load: returns the networks; not called for a photo that cannot be decoded.
        photo: the photo.
        settings: how to analyse it.
    """
    return _analysis(photo, settings, lambda frame: analyze_photo(load(), frame, settings))


def _unanalysed(frame: Frame) -> FrameResult:
    return FrameResult(Faces.empty(), (frame.shape[1], frame.shape[0]), 0.0)


def _analysis(
    photo: Photo, settings: AnalysisSettings | None, run: Callable[[Frame], FrameResult]
) -> PhotoAnalysis:
    try:
        frame = decode_picture(photo.data)
        result = run(frame)
        preview = fit_within(frame, PREVIEW_SIDE_PX)
        crops = (face_crop(frame, xyxy) for xyxy in result.faces.xyxy)
        return PhotoAnalysis(
            settings=settings,
            result=result,
            preview_jpg=encode(preview, ".jpg"),
            thumbnail_jpg=encode(fit_within(preview, THUMBNAIL_SIDE_PX), ".jpg"),
            crops_jpg=tuple(encode(fit_within(crop, CARD_SIDE_PX), ".jpg") for crop in crops),
        )
    except PictureError as error:
        return PhotoAnalysis(settings=settings, error=str(error), invalid_photo=True)
    except BusyError as error:
        return PhotoAnalysis(settings=settings, error=str(error), busy=True)
    except (DetectorMissingError, models.ModelError) as error:
        return PhotoAnalysis(settings=settings, error=str(error))
    except Exception:
        logging.getLogger(__name__).exception("Analysis of a photo failed")
        return PhotoAnalysis(settings=settings, error=UNEXPECTED_ERROR)


def annotated_preview_jpg(analysis: PhotoAnalysis, draw: DrawSettings) -> bytes:
    """The preview with all faces annotated and numbered."""
    data = np.frombuffer(analysis.preview_jpg, np.uint8)
    preview: Frame = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    faces = numbered(analysis.result.faces)
    scale = preview.shape[1] / analysis.result.size_wh[0]
    draw_result(preview, faces.scaled(scale), draw)
    return encode(preview, ".jpg")


def draw_settings(settings: AnalysisSettings, *, landmarks: bool) -> DrawSettings:
    """What to draw on photos analysed with these settings."""
    return DrawSettings(landmarks=landmarks, measures=settings.measures or settings.gaze)


def photo_caption(photo: Photo, analysis: PhotoAnalysis) -> str:
    """File name, size and time taken, such as "a.png: 80 × 60 px, 12 KB, analysed in 9 ms".

    That time includes detection, landmarks and classification, but not decoding or drawing.
    """
    kilobytes = len(photo.data) / 1024
    size = f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{kilobytes:.0f} KB"
    width, height = analysis.result.size_wh
    text = f"{photo.name}: {width} × {height} px, {size}"
    if analysis.settings is None:
        return text
    return f"{text}, analysed in {analysis.result.timings_ms['total']:.0f} ms"


def to_analysed_photo(photo: Photo, analysis: PhotoAnalysis) -> AnalysedPhoto:
    """The photo and its result, for downloads."""
    return AnalysedPhoto(name=photo.name, data=photo.data, result=analysis.result)


def with_detector(settings: AnalysisSettings, detector: str) -> AnalysisSettings:
    """The settings for another detector, with its default threshold."""
    if detector == settings.detector:
        return settings
    return replace(settings, detector=detector, min_score=None)
