"""Mesh lines and text plates: what is drawn with fewer calls is complete and stays readable."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from realtime.attribute.registry import EMOTION, GENDER, MASK
from realtime.core.answers import UNSURE
from realtime.core.landmarks import MESH468
from realtime.render.glyphs import font_path, icon_tile, label_plate, paste
from realtime.render.icons import ICONS, icon_name, icon_svg
from realtime.render.layout import Line, Sizes
from realtime.render.mesh_lines import MIN_MESH_PX, draw_mesh, trails
from realtime.render.palette import INK
from realtime.ui.icons import icon, icon_css
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


def plate(text: str, sizes: Sizes = VGA) -> np.ndarray[Any, Any]:
    return label_plate([Line(text=text)], sizes)


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.25])
def test_a_label_is_as_wide_as_its_text_and_shows_it_on_one_paper(scale: float) -> None:
    sizes = Sizes.of((round(640 * scale), round(480 * scale)))
    short, long = plate("#12 no mask", sizes), plate("#12 no mask 97%, 4.5° (p95)", sizes)
    assert short.shape[0] == long.shape[0] == sizes.row_px
    assert 1.6 < long.shape[1] / short.shape[1] < 3
    assert (long.min(axis=(0, 1)) == INK).all()
    assert long.max() > 230
    assert (long[:, : sizes.pad_px] == INK).all()
    # Antialiased: between paper and ink there are many shades.
    assert len(np.unique(long)) > 30


def test_lines_of_a_label_stand_below_each_other() -> None:
    both = label_plate([Line(text="no mask"), Line(text="happy 61%")], VGA)
    assert both.shape == (
        2 * VGA.row_px,
        max(plate("no mask").shape[1], plate("happy 61%").shape[1]),
        3,
    )
    np.testing.assert_array_equal(
        both[VGA.row_px :, : plate("happy 61%").shape[1]], plate("happy 61%")
    )
    assert label_plate([], VGA).size == 0


def test_other_text_is_another_plate() -> None:
    first = plate("happy 61%")
    assert (first != plate("happy 67%")).any()
    np.testing.assert_array_equal(first, plate("happy 61%"))


def test_a_plate_at_the_edge_is_cut_off() -> None:
    frame = np.zeros((10, 30, 3), np.uint8)
    paste(frame, plate("surprise"), 20, 4, 3)
    assert frame[6:8, 23:27].any(axis=2).all()
    assert not frame[:4].any()
    assert not frame[:, :20].any()


def test_a_label_has_round_corners() -> None:
    frame = np.full((60, 160, 3), 255, np.uint8)
    paste(frame, plate("surprise"), 10, 10, VGA.round_px)
    height, width = plate("surprise").shape[:2]
    for y in (10, 9 + height):
        for x in (10, 9 + width):
            assert frame[y, x].min() > 200
    assert (frame[10, 10 + width // 2] == INK).all()


def test_icons_differ_without_their_colours() -> None:
    tiles = {name: icon_tile(name, 14, (255, 255, 255), INK).astype(int) for name in ICONS}
    for a, b in combinations(tiles, 2):
        assert abs(tiles[a] - tiles[b]).mean() > 6, (a, b)


def test_every_mask_and_emotion_has_an_icon() -> None:
    for attribute in (MASK, EMOTION):
        for label in (*attribute.labels, UNSURE):
            name = icon_name(attribute, label)
            assert name in ICONS
            assert "<path" in icon_svg(name, INK)
            assert f'class="fs-icon fs-icon-{name}"' in icon(attribute, label)
            assert f".fs-icon-{name} {{" in icon_css()
    assert icon(GENDER, "male") == ""


def test_the_typeface_is_that_of_the_pages() -> None:
    assert font_path() is not None
    family, _ = ImageFont.truetype(font_path(), 15).getname()
    assert family is not None
    assert family.startswith("SourceSans3")
