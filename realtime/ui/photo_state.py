"""What the photo page keeps of a visit: the upload, and what was found in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from realtime.draw import draw_result
from realtime.export import encode, face_crop, numbered
from realtime.faces import Faces
from realtime.networks import Networks
from realtime.photo import analyze_photo
from realtime.picture import PictureError, decode_picture
from realtime.settings import AnalysisSettings, DrawSettings
from realtime.shrink import within

SHOWN_SIDE_PX = 1600  # all a page can show; faces are cut from the full picture
CARD_SIDE_PX = 224
ODD = "Something went wrong with this picture: try another one, or reload the page."


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as the user gave it, or a sentence on why it cannot be used."""

    name: str
    data: bytes = b""
    size_wh: tuple[int, int] = (0, 0)
    shown_jpg: bytes = b""
    problem: str = ""

    @property
    def caption(self) -> str:
        """Name and size, to be written under the picture."""
        kilobytes = len(self.data) / 1024
        weight = f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{kilobytes:.0f} KB"
        return f"{self.name}: {self.size_wh[0]} by {self.size_wh[1]} pixels, {weight}"


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was found in an upload, ready to be shown.

    Attributes:
        settings: those it was made with.
        faces: from left to right.
        annotated_jpg: the picture with all faces marked and numbered.
        crops_png: each face in full resolution.
        cards_jpg: each face in the size of its card.
        total_ms: how long the analysis took.
    """

    settings: AnalysisSettings
    faces: Faces
    annotated_jpg: bytes
    crops_png: list[bytes]
    cards_jpg: list[bytes]
    total_ms: float


def open_upload(name: str, data: bytes) -> Upload:
    """Decode an upload; never raises, for a page has to say something in any case."""
    try:
        frame = decode_picture(data)
        shown = encode(within(frame, SHOWN_SIDE_PX), ".jpg")
    except PictureError as error:
        return Upload(name, problem=str(error))
    except Exception:
        logging.getLogger(__name__).exception("an upload could not be decoded")
        return Upload(name, problem=ODD)
    return Upload(name, data, (frame.shape[1], frame.shape[0]), shown)


def analyse(
    networks: Networks, upload: Upload, settings: AnalysisSettings, *, landmarks: bool = False
) -> Analysis:
    """Find the faces of an upload and cut them out; draw their landmarks if that is wanted.

    Raises:
        PictureError: the upload has a problem.
    """
    frame = decode_picture(upload.data)
    result = analyze_photo(networks, frame, settings)
    crops = [face_crop(frame, xyxy) for xyxy in result.faces.xyxy]
    crops_png = [encode(crop, ".png") for crop in crops]
    cards_jpg = [encode(within(crop, CARD_SIDE_PX), ".jpg") for crop in crops]
    draw = DrawSettings(landmarks=landmarks, measures=settings.measures or settings.gaze)
    draw_result(frame, numbered(result.faces), draw)
    annotated = encode(within(frame, SHOWN_SIDE_PX), ".jpg")
    total_ms = result.timings_ms["total"]
    return Analysis(settings, result.faces, annotated, crops_png, cards_jpg, total_ms)
