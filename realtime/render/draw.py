"""Drawing on a frame: hidden faces, boxes, landmarks, captions and performance stats."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from realtime.attribute.registry import ATTRIBUTES, Colour
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.core.settings import DrawSettings, Hiding
from realtime.landmark.pose import rotation
from realtime.render.captions import captions, measure_captions
from realtime.render.glyphs import paste, row_height, text_plate
from realtime.render.mesh_lines import draw_mesh
from realtime.render.palette import AXIS_COLOURS, INK, MESH_COLOUR, PAPER, UNKNOWN_COLOUR

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
            lines = face_captions(faces, i)
            if settings.measures:
                # The font lacks the degree sign.
                lines += [text.replace("°", "") for text in measure_captions(faces, i)]
            _draw_lines(frame_bgr, lines, faces.xyxy[i], colour, scale)
    if settings.stats and stats is not None:
        text = (
            f"{stats.fps:.0f} fps   {stats.age_p50_ms:.0f} ms latency "
            f"(p95 {stats.age_p95_ms:.0f} ms)   dropped {stats.dropped}"
        )
        top = frame_bgr.shape[0] - row_height(scale) - round(4 * scale)
        paste(frame_bgr, text_plate(text, scale, INK, PAPER), round(4 * scale), max(0, top))


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


def _draw_lines(
    frame_bgr: Frame, lines: list[str], xyxy: F32, colour: Colour, scale: float
) -> None:
    """Write lines above the box, or inside it at the frame's edge; never outside the frame."""
    height, width = frame_bgr.shape[:2]
    row = row_height(scale)
    x = int(xyxy[0])
    y = int(xyxy[1]) - row * len(lines)
    y = max(0, min(y, height - row * len(lines)))
    ink = INK if sum(colour) > 380 else PAPER
    for n, line in enumerate(lines):
        plate = text_plate(line, scale, colour, ink)
        paste(frame_bgr, plate, max(0, min(x, width - plate.shape[1])), y + n * row)
