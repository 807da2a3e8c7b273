"""Drawing on a frame: hidden faces, boxes, landmarks, captions and performance stats."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.core.arrays import Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.core.settings import DrawSettings
from realtime.render.boxes import draw_box
from realtime.render.glyphs import Plate, label_plate, paste
from realtime.render.hiding import face_ovals, hide_ovals
from realtime.render.layout import Line, Sizes, face_axes, face_colour, face_lines, short_line
from realtime.render.mesh_lines import draw_mesh
from realtime.render.palette import MESH_COLOUR
from realtime.render.placement import place_labels


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
            f"{self.fps:.0f} fps · {self.age_p50_ms:.0f} ms latency "
            f"(p95 {self.age_p95_ms:.0f} ms) · {self.dropped} dropped"
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
    sizes = Sizes.of(frame_bgr.shape[1::-1])
    if settings.hiding:
        hide_ovals(frame_bgr, face_ovals(faces), settings.hiding)
    if settings.landmarks and faces.landmarks is not None:
        draw_landmarks(frame_bgr, faces.landmarks)
    for i in range(len(faces)):
        if settings.measures:
            draw_axes(frame_bgr, faces, i, sizes)
        if settings.boxes:
            colour = face_colour(faces, i, settings.colour_by)
            draw_box(frame_bgr, faces.xyxy[i], colour, sizes)
    if settings.labels:
        _draw_labels(frame_bgr, faces, settings, sizes)
    if settings.stats and stats is not None:
        plate = label_plate([Line(text=stats.line)], sizes)
        # At the top: the page's buttons lie over the lower edge.
        paste(frame_bgr, plate, sizes.pad_px, sizes.pad_px, sizes.round_px)


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


def _draw_labels(frame_bgr: Frame, faces: Faces, settings: DrawSettings, sizes: Sizes) -> None:
    """The captions of all faces; where there is no room, their numbers."""
    full, short = list[Plate](), list[Plate]()
    for i in range(len(faces)):
        lines = face_lines(faces, i, settings)
        brief = short_line(faces, i, lines)
        full.append(label_plate(lines, sizes))
        short.append(label_plate([] if brief is None else [brief], sizes))
    frame_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
    places = place_labels(
        faces.xyxy, [*map(_size_wh, full)], [*map(_size_wh, short)], frame_wh, gap_px=sizes.line_px
    )
    for i, place in enumerate(places):
        plate = short[i] if place.short else full[i]
        if plate.size:
            paste(frame_bgr, plate, place.left, place.top, sizes.round_px)


def _size_wh(plate: Plate) -> tuple[int, int]:
    return plate.shape[1], plate.shape[0]
