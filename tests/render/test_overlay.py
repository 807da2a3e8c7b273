"""The overlay's message says what the picture drawn on the server would show."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import Faces, FrameResult
from realtime.core.settings import DrawSettings
from realtime.render.draw import StreamStats
from realtime.render.icons import ICONS
from realtime.render.layout import face_colour, face_lines
from realtime.render.overlay import NOT_DRAWN, POINT_STEPS, overlay_message, style_message
from realtime.render.palette import css
from tests.core.strategies import faces_of

STATS = StreamStats(fps=30, age_p50_ms=11, age_p95_ms=20, dropped=3)
SETTINGS = st.builds(
    DrawSettings,
    boxes=st.booleans(),
    labels=st.booleans(),
    landmarks=st.booleans(),
    stats=st.booleans(),
    measures=st.booleans(),
)


def read(message: bytes) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """The header and the points, as the page reads them."""
    (length,) = struct.unpack_from("<I", message)
    assert length % 2 == 0  # or the page could not read the points in place
    return json.loads(message[4 : 4 + length]), np.frombuffer(message[4 + length :], "<i2")


@given(faces_of(), SETTINGS, st.booleans(), st.sampled_from([(640, 480), (360, 640), (2048, 9)]))
def test_the_message_says_what_is_drawn(
    faces: Faces, settings: DrawSettings, mirror: bool, size_wh: tuple[int, int]
) -> None:
    result = FrameResult(faces, size_wh, time_s=1.0)
    header, points = read(overlay_message(result, settings, mirror=mirror, stats=STATS))
    assert (header["size"], header["mirror"]) == (list(size_wh), mirror)
    assert header["boxes"] == settings.boxes
    assert header.get("stats") == ([STATS.line] if settings.stats else None)
    assert len(header["faces"]) == len(faces)
    for i, face in enumerate(header["faces"]):
        np.testing.assert_allclose(face["box"], faces.xyxy[i], atol=0.051)
        assert face["colour"] == css(face_colour(faces, i))
        lines = face_lines(faces, i, settings)
        assert [line[0] for line in face["lines"]] == [line.text for line in lines]
        assert [line[1] for line in face["lines"] if line[1:]] == [n.icon for n in lines if n.icon]
        assert bool(face["lines"]) <= settings.labels
        expected = [0, 0] if faces.velocity_px_s is None else faces.velocity_px_s[i]
        np.testing.assert_allclose(face["velocity"], expected, atol=0.051)
    meshes = settings.landmarks and faces.landmarks is not None
    assert ("mesh" in header) == meshes
    if not meshes or faces.landmarks is None:
        assert len(points) == 0
        return
    unit = max(size_wh) / POINT_STEPS
    kept = faces.landmarks.xy.ravel().clip(-(2**15) * unit, (2**15 - 1) * unit)
    np.testing.assert_allclose(points * unit, kept, atol=0.51 * unit, rtol=1e-5)


def test_a_mesh_of_one_face_takes_two_kilobytes() -> None:
    style = json.loads(style_message())
    topologies = style["edges"]
    assert set(style["icons"]) == set(ICONS)
    assert max(max(edge) for edge in topologies["mesh"]) < 468
    assert topologies["dlib68"] == []  # drawn as dots
    assert read(NOT_DRAWN)[0] == {}
