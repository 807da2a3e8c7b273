"""Drawing on a frame: hidden faces, boxes, landmarks, captions and performance stats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES, Colour
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.core.settings import DrawSettings, Hiding
from realtime.landmark.pose import rotation
from realtime.render.captions import captions, measure_captions
from realtime.render.palette import AXIS_COLOURS, INK, MESH_COLOUR, PAPER, UNKNOWN_COLOUR
from realtime.render.placement import place_labels

_FONT = cv2.FONT_HERSHEY_DUPLEX
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
    scale = max(0.6, min(frame_bgr.shape[:2]) / 480)
    if settings.hiding:
        hide_faces(frame_bgr, faces.xyxy, settings.hiding)
    if settings.landmarks and faces.landmarks is not None:
        draw_landmarks(frame_bgr, faces.landmarks)
    for i in range(len(faces)):
        colour = _colour(faces, i)
        if settings.measures:
            draw_axes(frame_bgr, faces, i, scale)
        if settings.boxes:
            _draw_box(frame_bgr, faces.xyxy[i], colour, scale)
    if settings.labels:
        _draw_labels(frame_bgr, faces, settings, scale)
    if settings.stats and stats is not None:
        text = (
            f"{stats.fps:.0f} fps   {stats.age_p50_ms:.0f} ms latency "
            f"(p95 {stats.age_p95_ms:.0f} ms)   dropped {stats.dropped}"
        )
        size = 0.45 * scale
        _, baseline = cv2.getTextSize(text, _FONT, size, 1)
        bottom = frame_bgr.shape[0] - baseline - round(4 * scale)
        _write(frame_bgr, text, (round(8 * scale), bottom), size, PAPER, INK)


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
    edges = landmarks.topology.edges
    if len(edges):
        for face in landmarks.xy:
            _draw_edges(frame_bgr, face, edges)
        return
    for x, y in np.rint(landmarks.xy.reshape(-1, 2)).astype(int):
        cv2.circle(frame_bgr, (int(x), int(y)), 2, MESH_COLOUR, -1)


def draw_axes(frame_bgr: Frame, faces: Faces, i: int, scale: float) -> None:
    """Face i's axes where its pose is known: to its left, down, and forwards."""
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


def _draw_edges(frame_bgr: Frame, points: F32, edges: NDArray[np.intp]) -> None:
    """One face's points (k, 2), joined; fainter on small faces, which it would hide."""
    height, width = frame_bgr.shape[:2]
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, 0, (width, height)).astype(int)
    if (low >= high).any():
        return
    face = frame_bgr[low[1] : high[1], low[0] : high[0]]
    bare = face.copy()
    # Sixteenths of a pixel keep the lines from jittering.
    lines = np.rint((points - low) * 16).astype(np.int32)[edges]
    cv2.polylines(face, list(lines), False, MESH_COLOUR, 1, cv2.LINE_8, 4)
    opacity = float(np.clip((high[0] - low[0]) / 300, 0.3, 0.75))
    cv2.addWeighted(face, opacity, bare, 1 - opacity, 0, dst=face)


def face_captions(faces: Faces, i: int) -> list[str]:
    """The lines beside face i: its number, and each attribute with its probability."""
    lines = captions(faces, i)
    if faces.track_id is None:
        return lines
    number = f"#{faces.track_id[i]}"
    # The number shares a line with the attribute that colours the box.
    first = next(iter(ATTRIBUTES))
    shares = lines and faces.label(first, i) is not None
    return [f"{number} {lines[0]}", *lines[1:]] if shares else [number, *lines]


def _colour(faces: Faces, i: int) -> Colour:
    for name, attribute in ATTRIBUTES.items():
        answer = faces.label(name, i)
        if attribute.colours and answer is not None:
            return attribute.colours[answer[0]]
    return UNKNOWN_COLOUR


def _draw_box(frame_bgr: Frame, xyxy: F32, colour: Colour, scale: float) -> None:
    x0, y0, x1, y1 = (round(float(v)) for v in xyxy)
    cv2.rectangle(frame_bgr, (x0, y0), (x1, y1), colour, max(1, round(2 * scale)))


def _draw_labels(frame_bgr: Frame, faces: Faces, settings: DrawSettings, scale: float) -> None:
    """The captions of all faces; where there is no room, their numbers."""
    full, short = [], []
    for i in range(len(faces)):
        full.append(face_captions(faces, i))
        if settings.measures:
            # The font lacks the degree sign.
            full[i] += [text.replace("°", "") for text in measure_captions(faces, i)]
        short.append([] if faces.track_id is None else [f"#{faces.track_id[i]}"])
    row = round(18 * scale)

    def size_wh(lines: list[str]) -> tuple[int, int]:
        widths = [_text_size(line, 0.45 * scale)[0][0] + round(8 * scale) for line in lines]
        return max(widths, default=0), row * len(lines)

    frame_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
    places = place_labels(
        faces.xyxy, [size_wh(each) for each in full], [size_wh(each) for each in short], frame_wh
    )
    for i, place in enumerate(places):
        lines = short[i] if place.short else full[i]
        _draw_lines(frame_bgr, lines, place.left, place.top, _colour(faces, i), scale)


def _draw_lines(
    frame_bgr: Frame, lines: list[str], x: int, y: int, colour: Colour, scale: float
) -> None:
    """Write lines from this corner on; never outside the frame."""
    width = frame_bgr.shape[1]
    size = 0.45 * scale
    row = round(18 * scale)
    ink = INK if sum(colour) > 380 else PAPER
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
