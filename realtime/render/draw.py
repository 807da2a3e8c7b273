"""What is drawn on a frame: hidden faces, boxes, mesh, labels and the stream's figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from realtime.core.faces import F32, UNSURE, Faces, Frame
from realtime.core.settings import DrawSettings, Hiding
from realtime.landmark.mesh_edges import mesh_edges
from realtime.landmark.pose import rotation
from realtime.render.captions import emotion_text, gender_text, mask_text, measure_texts

Colour = tuple[int, int, int]

# Okabe and Ito's palette (BGR), which colour-blind people can tell apart. The lilac of "unsure"
# is calm, and as far from each of the three as they are from each other, for the colour-blind too.
MASK_COLOURS: dict[str, Colour] = {
    "with_mask": (115, 158, 0),
    "without_mask": (0, 94, 213),
    "incorrect": (66, 228, 240),
    UNSURE: (220, 150, 170),
}
MESH_COLOUR: Colour = (230, 245, 230)
AXIS_COLOURS: tuple[Colour, ...] = ((0, 94, 213), (115, 158, 0), (178, 114, 0))
UNKNOWN_COLOUR: Colour = (233, 180, 86)
_INK: Colour = (20, 20, 20)
_PAPER: Colour = (250, 250, 250)
_FONT = cv2.FONT_HERSHEY_DUPLEX
HIDING_MARGIN = 0.25  # of the box on each side: the mesh ends at the hairline
HIDING_CELLS = {Hiding.BLUR: 3, Hiding.PIXELATE: 5}  # what is smooth looks like a face sooner


@dataclass(frozen=True, slots=True)
class StreamStats:
    """How a stream is doing.

    Attributes:
        fps: frames shown a second.
        age_p50_ms: median age of the analysis when its frame is shown.
        age_p95_ms: its 95th percentile.
        dropped: frames of the camera that were not analysed.
    """

    fps: float
    age_p50_ms: float
    age_p95_ms: float
    dropped: int


def draw_result(
    frame_bgr: Frame, faces: Faces, settings: DrawSettings, stats: StreamStats | None = None
) -> None:
    """Draw on the frame itself, in this order: hiding, mesh, boxes, labels, figures."""
    scale = max(0.6, min(frame_bgr.shape[:2]) / 480)
    if settings.hiding:
        hide_faces(frame_bgr, faces.xyxy, settings.hiding)
    if settings.landmarks and faces.landmarks is not None:
        draw_mesh(frame_bgr, faces.landmarks)
    for i in range(len(faces)):
        colour = _colour(faces, i)
        if settings.measures:
            draw_axes(frame_bgr, faces, i, scale)
        if settings.boxes:
            _draw_box(frame_bgr, faces.xyxy[i], colour, scale)
        if settings.labels:
            lines = face_lines(faces, i)
            # The font has no sign for degrees.
            lines += [t.replace("°", "") for t in measure_texts(faces, i)] * settings.measures
            _draw_lines(frame_bgr, lines, faces.xyxy[i], colour, scale)
    if settings.stats and stats is not None:
        text = (
            f"{stats.fps:.0f} frames/s   age {stats.age_p50_ms:.0f} ms (p95 {stats.age_p95_ms:.0f})"
            f"   dropped {stats.dropped}"
        )
        size = 0.45 * scale
        _, baseline = cv2.getTextSize(text, _FONT, size, 1)
        bottom = frame_bgr.shape[0] - baseline - round(4 * scale)
        _write(frame_bgr, text, (round(8 * scale), bottom), size, _PAPER, _INK)


def hide_faces(frame_bgr: Frame, xyxy: F32, hiding: Hiding) -> None:
    """Replace each face, hair and ears included, by a few coarse cells or what is between them."""
    side = HIDING_CELLS[hiding]
    grown = cv2.INTER_LINEAR if hiding is Hiding.BLUR else cv2.INTER_NEAREST
    height, width = frame_bgr.shape[:2]
    for x0, y0, x1, y1 in xyxy:
        # A square: some detectors' boxes leave out the ears, others the hair.
        reach = (0.5 + HIDING_MARGIN) * max(x1 - x0, y1 - y0)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        left, right = int(max(0, x - reach)), int(min(width, x + reach))
        top, bottom = int(max(0, y - reach)), int(min(height, y + reach))
        if left >= right or top >= bottom:
            continue
        face = frame_bgr[top:bottom, left:right]
        cells = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        face[:] = cv2.resize(cells, (right - left, bottom - top), interpolation=grown)


def draw_mesh(frame_bgr: Frame, landmarks: F32) -> None:
    """The mesh's triangles (468 points) as thin lines; (n, 68, 2) landmarks as dots."""
    if landmarks.shape[1] == 468:
        for face in landmarks[..., :2]:
            _draw_triangles(frame_bgr, face)
        return
    for x, y in np.rint(landmarks[..., :2].reshape(-1, 2)).astype(int):
        cv2.circle(frame_bgr, (int(x), int(y)), 2, MESH_COLOUR, -1)


def draw_axes(frame_bgr: Frame, faces: Faces, i: int, scale: float) -> None:
    """Face i's own axes where its pose is known: to its left, down, and to where it looks."""
    if faces.pose_deg is None or np.isnan(faces.pose_deg[i]).any():
        return
    turn = rotation(*faces.pose_deg[i].tolist())
    x0, y0, x1, y1 = faces.xyxy[i].tolist()
    origin = np.array([(x0 + x1) / 2, y0 + 0.55 * (y1 - y0)])
    length = 0.4 * max(x1 - x0, y1 - y0)
    for axis, colour in zip((turn[:2, 0], turn[:2, 1], -turn[:2, 2]), AXIS_COLOURS, strict=True):
        ends = np.rint([origin, origin + length * axis]).astype(int)
        start, end = (tuple(map(int, point)) for point in ends)
        cv2.line(frame_bgr, start, end, colour, max(1, round(2 * scale)), cv2.LINE_AA)


def _draw_triangles(frame_bgr: Frame, points: F32) -> None:
    """One face's mesh, (468, 2); the smaller the face, the fainter, or it would hide the face."""
    height, width = frame_bgr.shape[:2]
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, 0, (width, height)).astype(int)
    if (low >= high).any():
        return
    face = frame_bgr[low[1] : high[1], low[0] : high[0]]
    bare = face.copy()
    # Sixteenths of a pixel keep the lines from trembling.
    edges = np.rint((points - low) * 16).astype(np.int32)[mesh_edges()]
    cv2.polylines(face, list(edges), False, MESH_COLOUR, 1, cv2.LINE_8, 4)
    opacity = float(np.clip((high[0] - low[0]) / 300, 0.3, 0.75))
    cv2.addWeighted(face, opacity, bare, 1 - opacity, 0, dst=face)


def face_lines(faces: Faces, i: int) -> list[str]:
    """The words beside face i: its number and mask, emotion, gender, each with its probability."""
    number = "" if faces.track_id is None else f"#{faces.track_id[i]} "
    first = f"{number}{mask_text(faces, i) or ''}".strip()
    return [line for line in (first, emotion_text(faces, i), gender_text(faces, i)) if line]


def _colour(faces: Faces, i: int) -> Colour:
    mask = faces.mask_of(i)
    return UNKNOWN_COLOUR if mask is None else MASK_COLOURS[mask[0]]


def _draw_box(frame_bgr: Frame, xyxy: F32, colour: Colour, scale: float) -> None:
    x0, y0, x1, y1 = (round(float(v)) for v in xyxy)
    cv2.rectangle(frame_bgr, (x0, y0), (x1, y1), colour, max(1, round(2 * scale)))


def _draw_lines(
    frame_bgr: Frame, lines: list[str], xyxy: F32, colour: Colour, scale: float
) -> None:
    """Write lines above the box, or inside it where the frame ends; never outside the frame."""
    height, width = frame_bgr.shape[:2]
    size = 0.45 * scale
    row = round(18 * scale)
    x = int(xyxy[0])
    y = int(xyxy[1]) - row * len(lines)
    y = max(0, min(y, height - row * len(lines)))
    ink = _INK if sum(colour) > 380 else _PAPER
    for n, line in enumerate(lines):
        (text_width, _), _ = _text_size(line, size)
        left = max(0, min(x, width - text_width - round(8 * scale)))
        top = y + n * row
        right = left + text_width + round(8 * scale)
        cv2.rectangle(frame_bgr, (left, top), (right, top + row), colour, -1)
        origin = (left + round(4 * scale), top + row - round(5 * scale))
        cv2.putText(frame_bgr, line, origin, _FONT, size, ink, 1, cv2.LINE_AA)


def _write(
    frame_bgr: Frame, text: str, origin: tuple[int, int], size: float, ink: Colour, edge: Colour
) -> None:
    cv2.putText(frame_bgr, text, origin, _FONT, size, edge, 3, cv2.LINE_AA)
    cv2.putText(frame_bgr, text, origin, _FONT, size, ink, 1, cv2.LINE_AA)


@cache
def _text_size(text: str, size: float) -> tuple[tuple[int, int], int]:
    (width, height), baseline = cv2.getTextSize(text, _FONT, size, 1)
    return (width, height), baseline
