"""Drawing on a frame: hidden faces, boxes, landmarks, captions and performance stats."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.attribute.registry import Colour
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.core.settings import DrawSettings, Hiding
from realtime.render.glyphs import Plate, paste, text_plate
from realtime.render.layout import Sizes, face_axes, face_colour, face_lines
from realtime.render.mesh_lines import draw_mesh
from realtime.render.palette import INK, MESH_COLOUR, PAPER, ink_on
from realtime.render.placement import place_labels

HIDING_MARGIN = 0.25  # of the box on each side: the mesh ends at the hairline
HIDING_CELLS = {Hiding.BLUR: 3, Hiding.PIXELATE: 5}  # blurred cells look like a face sooner


@dataclass(frozen=True, slots=True)
class StreamStats:
    """Performance of a stream.

    Attributes:
        fps: frames shown per second.
        age_p50_ms: median age of the analysis when its frame is shown.
        age_p95_ms: its 95th percentile.
        dropped: number of the camera's frames that were not analysed.
    """

    fps: float
    age_p50_ms: float
    age_p95_ms: float
    dropped: int

    @property
    def line(self) -> str:
        """All of it as one line of text."""
        return (
            f"{self.fps:.0f} fps   {self.age_p50_ms:.0f} ms latency "
            f"(p95 {self.age_p95_ms:.0f} ms)   dropped {self.dropped}"
        )


def draw_result(
    frame_bgr: Frame, faces: Faces, settings: DrawSettings, stats: StreamStats | None = None
) -> None:
    """Draw on the frame in place, in this order: hiding, landmarks, boxes, captions, stats.

    Args:
        frame_bgr: (h, w, 3) uint8.
        faces: in pixels of this frame.
        settings: what is drawn.
        stats: the stream's performance, drawn where the settings ask for it.

    Example:
        >>> frame = np.zeros((120, 160, 3), np.uint8)
        >>> draw_result(frame, Faces.from_boxes([[20, 20, 80, 90]]), DrawSettings())
        >>> bool(frame.any())
        True
    """
    height, width = frame_bgr.shape[:2]
    sizes = Sizes.of((width, height))
    if settings.hiding:
        hide_faces(frame_bgr, faces.xyxy, settings.hiding)
    if settings.landmarks and faces.landmarks is not None:
        draw_landmarks(frame_bgr, faces.landmarks)
    for i in range(len(faces)):
        colour = face_colour(faces, i)
        if settings.measures:
            draw_axes(frame_bgr, faces, i, sizes)
        if settings.boxes:
            _draw_box(frame_bgr, faces.xyxy[i], colour, sizes)
    if settings.labels:
        _draw_labels(frame_bgr, faces, settings, sizes)
    if settings.stats and stats is not None:
        top = max(0, height - sizes.row_px - sizes.pad_px)
        paste(frame_bgr, text_plate(stats.line, sizes, INK, PAPER), sizes.pad_px, top)


def hide_faces(frame_bgr: Frame, xyxy: F32, hiding: Hiding) -> None:
    """Replace each face, hair and ears included, by a coarse mosaic, interpolated for BLUR."""
    side = HIDING_CELLS[hiding]
    interpolation = cv2.INTER_LINEAR if hiding is Hiding.BLUR else cv2.INTER_NEAREST
    height, width = frame_bgr.shape[:2]
    for x0, y0, x1, y1 in xyxy:
        # A square: some detectors' boxes omit the ears, others the hair.
        reach = (0.5 + HIDING_MARGIN) * max(x1 - x0, y1 - y0)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        left, right = int(max(0, x - reach)), int(min(width, x + reach))
        top, bottom = int(max(0, y - reach)), int(min(height, y + reach))
        if left >= right or top >= bottom:
            continue
        face = frame_bgr[top:bottom, left:right]
        cells = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        face[:] = cv2.resize(cells, (right - left, bottom - top), interpolation=interpolation)


def draw_landmarks(frame_bgr: Frame, landmarks: Landmarks) -> None:
    """The topology's edges as thin lines, or the points as dots where it has none."""
    if len(landmarks.topology.edges):
        for face in landmarks.xy:
            draw_mesh(frame_bgr, face, landmarks.topology)
        return
    for x, y in np.rint(landmarks.xy.reshape(-1, 2)).astype(int):
        cv2.circle(frame_bgr, (int(x), int(y)), 2, MESH_COLOUR, -1)


def draw_axes(frame_bgr: Frame, faces: Faces, i: int, sizes: Sizes) -> None:
    """Face i's axes where its pose is known: to its left, down, and forwards."""
    for ends, colour in face_axes(faces, i):
        start, end = (tuple(map(int, point)) for point in np.rint(ends))
        cv2.line(frame_bgr, start, end, colour, sizes.line_px, cv2.LINE_AA)


def _draw_box(frame_bgr: Frame, xyxy: F32, colour: Colour, sizes: Sizes) -> None:
    x0, y0, x1, y1 = (round(float(v)) for v in xyxy)
    cv2.rectangle(frame_bgr, (x0, y0), (x1, y1), colour, sizes.line_px)


def _draw_labels(frame_bgr: Frame, faces: Faces, settings: DrawSettings, sizes: Sizes) -> None:
    """The captions of all faces; where there is no room, their numbers."""
    full, short = list[list[Plate]](), list[list[Plate]]()
    for i in range(len(faces)):
        colour = face_colour(faces, i)
        number = [] if faces.track_id is None else [f"#{faces.track_id[i]}"]
        full.append(_plates(face_lines(faces, i, settings), colour, sizes))
        short.append(_plates(number, colour, sizes))
    frame_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
    places = place_labels(faces.xyxy, [*map(_size_wh, full)], [*map(_size_wh, short)], frame_wh)
    for i, place in enumerate(places):
        for n, plate in enumerate(short[i] if place.short else full[i]):
            left = max(0, min(place.left, frame_wh[0] - plate.shape[1]))
            paste(frame_bgr, plate, left, place.top + n * sizes.row_px)


def _plates(lines: list[str], colour: Colour, sizes: Sizes) -> list[Plate]:
    # The font lacks the degree sign.
    return [text_plate(line.replace("°", ""), sizes, colour, ink_on(colour)) for line in lines]


def _size_wh(plates: list[Plate]) -> tuple[int, int]:
    """The size of a label of these lines."""
    width = max((plate.shape[1] for plate in plates), default=0)
    return width, sum(plate.shape[0] for plate in plates)
