"""Labels of antialiased text and icons, put together from words that are rendered once.

The typeface is Source Sans 3 (SIL Open Font License) from Streamlit's package: the one in which the
pages are set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from realtime.attribute.registry import Colour
from realtime.core.arrays import F32, Frame
from realtime.render.icons import GRID, ICONS, STROKE
from realtime.render.layout import Line, Sizes
from realtime.render.palette import INK, PAPER

FONT_FILES = "static/static/media/SourceSansVF-Upright*.woff2"  # in Streamlit's package
WEIGHT = 600
MIN_SPACE = 0.24  # between words, of the text: bold words stand close in this face
MAX_CACHED = 2048  # words, below 3 KB each on a picture of 640×480
# Times their size at which letters and icons are drawn, then reduced: letters would else stand on
# whole pixels, too close or too far apart.
FINER_TEXT, FINER_ICON = 4, 8
Plate = NDArray[np.uint8]


def label_plate(lines: Sequence[Line], sizes: Sizes) -> Plate:
    """A label of one or more lines, as wide as the longest.

    Returns:
        (len(lines) * sizes.row_px, w, 3) uint8; w is 0 without lines.
    """
    rows = [_row_tiles(line, sizes) for line in lines]
    inner = [sum(tile.shape[1] for tile in row) for row in rows]
    width = max(inner) + 2 * sizes.pad_px if rows else 0
    plate = np.empty((len(rows) * sizes.row_px, width, 3), np.uint8)
    plate[:] = INK
    for n, row in enumerate(rows):
        x, top = sizes.pad_px, n * sizes.row_px
        for tile in row:
            plate[top : top + sizes.row_px, x : x + tile.shape[1]] = tile
            x += tile.shape[1]
    return plate


def paste(frame_bgr: Frame, plate: Plate, left: int, top: int, radius_px: int) -> None:
    """Copy the part of the plate that lies within the frame, with rounded corners.

    Args:
        frame_bgr: (h, w, 3) uint8.
        plate: a label.
        left: its left edge, at least 0.
        top: its upper edge, at least 0.
        radius_px: of its corners.
    """
    target = frame_bgr[top : top + plate.shape[0], left : left + plate.shape[1]]
    plate = plate[: target.shape[0], : target.shape[1]]
    r = min(radius_px, plate.shape[0] // 2, plate.shape[1] // 2)
    if not r:
        target[:] = plate
        return
    corners = []
    for alpha, rest, rows, columns in _label_corners(r):
        corner = cv2.blendLinear(plate[rows, columns], target[rows, columns], alpha, rest)
        corners.append((rows, columns, corner))
    target[:] = plate
    for rows, columns, corner in corners:
        target[rows, columns] = corner


@lru_cache(maxsize=256)
def icon_tile(name: str, side_px: int, colour: Colour, paper: Colour) -> Plate:
    """An icon in a colour on another.

    Returns:
        (side_px, side_px, 3) uint8 BGR.
    """
    side = side_px * FINER_ICON
    fine = np.full((side, side, 3), paper, np.uint8)
    scale = side / GRID * 16  # sixteenths of a pixel
    width = max(1, round(STROKE * side / GRID))
    for kind, points in ICONS[name]:
        place = [np.rint(np.array(points) * scale).astype(np.int32)]
        ink = colour if kind in ("fill", "line") else INK
        if kind in ("fill", "hole"):
            cv2.fillPoly(fine, place, ink, cv2.LINE_AA, 4)
        else:
            cv2.polylines(fine, place, False, ink, width, cv2.LINE_AA, 4)
    tile = cv2.resize(fine, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(tile, np.uint8)


@cache
def font_path() -> Path | None:
    """The file of the typeface; None if Streamlit's package has none."""
    spec = find_spec("streamlit")  # found, not imported
    folder = Path(spec.origin).parent if spec is not None and spec.origin else Path()
    return next(iter(sorted(folder.glob(FONT_FILES))), None)


@lru_cache(maxsize=16)
def _font(text_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = font_path()
    try:
        if path is not None:
            font = ImageFont.truetype(path, text_px)
            font.set_variation_by_axes([WEIGHT])
            return font
    except OSError:  # Pillow was built without WOFF2
        pass
    return ImageFont.load_default(text_px)


def _row_tiles(line: Line, sizes: Sizes) -> list[Plate]:
    words = [_word(word, sizes) for word in line.text.split(" ") if word]
    if words:  # the space after the last word
        words[-1] = words[-1][:, : words[-1].shape[1] - _space_px(sizes)]
    if not line.icon:
        return words
    gap = [_gap(sizes)] if words else []
    return [_icon(line.icon, sizes, line.colour), *gap, *words]


@lru_cache(maxsize=MAX_CACHED)
def _word(word: str, sizes: Sizes) -> Plate:
    """A word and the space after it."""
    font, row = _font(FINER_TEXT * sizes.text_px), FINER_TEXT * sizes.row_px
    width = math.ceil(font.getlength(word) / FINER_TEXT) + _space_px(sizes)
    top, bottom = font.getbbox("H", anchor="ls")[1::2]
    image = Image.new("L", (FINER_TEXT * width, row))
    baseline = round((row - top - bottom) / 2)  # capitals stand in the middle
    ImageDraw.Draw(image).text((0, baseline), word, 255, font, anchor="ls")
    cover = image.resize((width, sizes.row_px), Image.Resampling.BOX)
    colours = Image.new("RGB", cover.size, PAPER), Image.new("RGB", cover.size, INK)
    return np.asarray(Image.composite(*colours, cover))


@lru_cache(maxsize=16)
def _space_px(sizes: Sizes) -> int:
    return round(max(_font(sizes.text_px).getlength(" "), MIN_SPACE * sizes.text_px))


@lru_cache(maxsize=256)
def _icon(name: str, sizes: Sizes, colour: Colour) -> Plate:
    """An icon in the middle of a row."""
    side = sizes.icon_px
    tile = np.full((sizes.row_px, side, 3), INK, np.uint8)
    top = (sizes.row_px - side) // 2
    tile[top : top + side] = icon_tile(name, side, colour, INK)
    return tile


@lru_cache(maxsize=16)
def _gap(sizes: Sizes) -> Plate:
    """The space between an icon and the text."""
    return np.full((sizes.row_px, max(2, sizes.pad_px * 2 // 3), 3), INK, np.uint8)


@lru_cache(maxsize=16)
def _label_corners(r: int) -> list[tuple[F32, F32, slice[Any, Any, Any], slice[Any, Any, Any]]]:
    """For each corner: the label's share of each pixel, the picture's, and where it is."""
    distance = np.hypot(*np.mgrid[0:r, 0:r] + 0.5)
    alpha = np.clip(r + 0.5 - distance, 0, 1).astype(np.float32)  # of the lower right corner
    first, last = slice(0, r), slice(-r, None)
    turned = (
        (alpha[::-1, ::-1], first, first), (alpha[::-1], first, last),
        (alpha[:, ::-1], last, first), (alpha, last, last),
    )  # fmt: skip
    return [(a.copy(), (1 - a).astype(np.float32), rows, columns) for a, rows, columns in turned]
