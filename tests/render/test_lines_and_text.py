"""Mesh lines and text plates: what is drawn with fewer calls is complete and stays readable."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.landmarks import MESH468
from realtime.render.glyphs import paste, text_plate
from realtime.render.layout import Sizes
from realtime.render.mesh_lines import MIN_MESH_PX, draw_mesh, trails
from realtime.render.palette import INK, PAPER
from tests.builders import faces_with_mesh

VGA = Sizes.of((640, 480))
pairs = st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda ab: ab[0] < ab[1])


@given(st.sets(pairs))
def test_lines_draw_every_edge_once(edges: set[tuple[int, int]]) -> None:
    drawn = [
        tuple(sorted(edge))
        for line in trails(np.array(sorted(edges), np.intp).reshape(-1, 2))
        for edge in zip(line[:-1].tolist(), line[1:].tolist(), strict=True)
    ]
    assert sorted(drawn) == sorted(edges)


def test_the_mesh_needs_few_lines() -> None:
    assert len(trails(MESH468.edges)) < len(MESH468.edges) / 5


def test_a_small_face_stays_visible_under_its_lines() -> None:
    covered = []
    for side in (MIN_MESH_PX * 3, MIN_MESH_PX * 0.6):
        frame = np.zeros((400, 400, 3), np.uint8)
        landmarks = faces_with_mesh((20, 20, 20 + side, 20 + side)).landmarks
        assert landmarks is not None
        draw_mesh(frame, landmarks.xy[0], MESH468)
        covered.append(frame[20 : int(20 + side), 20 : int(20 + side)].any(axis=2).mean())
    assert 0 < covered[1] < 0.5


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.25])
def test_a_plate_is_as_wide_as_opencvs_text_and_shows_it(scale: float) -> None:
    text = "#12 no mask 97%, 4.5 (p95)"
    sizes = Sizes.of((round(640 * scale), round(480 * scale)))
    plate = text_plate(text, sizes, PAPER, INK)
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 0.45 * scale, 1)
    assert plate.shape[0] == sizes.row_px
    assert plate.shape[1] == pytest.approx(width + 8 * scale, rel=0.06, abs=8)
    assert (plate.max(axis=(0, 1)) == PAPER).all()
    assert plate.min() < 60


def test_other_text_and_other_colours_are_other_plates() -> None:
    first = text_plate("happy 61%", VGA, PAPER, INK)
    assert (first != text_plate("happy 67%", VGA, PAPER, INK)).any()
    assert (text_plate("happy 61%", VGA, INK, PAPER).min(axis=(0, 1)) == INK).all()
    np.testing.assert_array_equal(first, text_plate("happy 61%", VGA, PAPER, INK))


def test_a_plate_at_the_edge_is_cut_off() -> None:
    frame = np.zeros((10, 30, 3), np.uint8)
    paste(frame, text_plate("surprise", VGA, PAPER, INK), 20, 4)
    assert frame[4:, 20:].any(axis=2).all()
    assert not frame[:4].any()
    assert not frame[:, :20].any()
