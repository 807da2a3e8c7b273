"""Drawn things that look like faces, painted into views as background.

Letters, dots, smileys, skulls and two-tone prints of faces, as on shirts and posters: without them,
a detector that finds half-hidden faces takes them for some.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

Picture = NDArray[np.uint8]
MAX_DRAWINGS = 3
SIDE_PX = (10.0, 140.0)
TRIES = 8  # places for one drawing: each is dropped if it touches a face
LETTERS = "abcdegijnopqsuvwxyzABCDEGOPQRSXZ0235689"
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_ITALIC,
)


def draw(picture: Picture, xyxy: F32, rng: np.random.Generator) -> None:
    """Draw up to `MAX_DRAWINGS` things, in place, beside all boxes xyxy (n, 4)."""
    for _ in range(int(rng.integers(1, MAX_DRAWINGS + 1))):
        side = int(np.exp(rng.uniform(*np.log(SIDE_PX))))
        place = _free_place(picture, xyxy, side, rng)
        if place is None:
            continue
        x, y = place
        patch = picture[y : y + side, x : x + side]
        kind = rng.random()
        if kind < 0.3:
            patch[:] = _letters(patch, rng)
        elif kind < 0.5:
            patch[:] = _dot(patch, rng)
        elif kind < 0.75 or not len(xyxy):
            patch[:] = _drawn_face(patch, rng)
        else:
            patch[:] = _print(patch, picture, xyxy, rng)


def _free_place(
    picture: Picture, xyxy: F32, side: int, rng: np.random.Generator
) -> tuple[int, int] | None:
    """The left upper corner of a square that touches no face; None if none was found."""
    room = np.array(picture.shape[1::-1]) - side
    if room.min() <= 0:
        return None
    for _ in range(TRIES):
        x, y = (int(v) for v in rng.integers(0, room))
        apart = (xyxy[:, 0] > x + side) | (xyxy[:, 2] < x) | (xyxy[:, 1] > y + side)
        if (apart | (xyxy[:, 3] < y)).all():
            return x, y
    return None


def _colours(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Two contrasting colours: any, or near black and white."""
    if rng.random() < 0.4:
        dark, light = int(rng.integers(0, 70)), int(rng.integers(150, 256))
        pair = [dark] * 3, [light] * 3
        return pair if rng.random() < 0.5 else (pair[1], pair[0])
    first = rng.integers(0, 256, 3)
    return first.tolist(), ((first + rng.integers(90, 166, 3)) % 256).tolist()


def _letters(patch: Picture, rng: np.random.Generator) -> Picture:
    """One to four letters with an outline."""
    canvas = patch.copy()
    side = len(canvas)
    text = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 5))))
    font = int(rng.choice(FONTS))
    (width, height), _ = cv2.getTextSize(text, font, 1.0, 1)
    scale = side / max(width, height, 1) * rng.uniform(0.6, 1.0)
    thick = max(1, round(scale * rng.uniform(1, 5)))
    at = (round((side - width * scale) / 2), round((side + height * scale) / 2))
    inner, outer = _colours(rng)
    cv2.putText(canvas, text, at, font, scale, outer, thick * 2 + 1, cv2.LINE_AA)
    cv2.putText(canvas, text, at, font, scale, inner, thick, cv2.LINE_AA)
    return canvas


def _dot(patch: Picture, rng: np.random.Generator) -> Picture:
    """An ellipse within another, as the dot of an i, a button or an eye, shaded from above."""
    canvas = patch.copy()
    side = len(canvas)
    inner, outer = _colours(rng)
    centre = (side // 2, side // 2)
    axes = np.array([side * rng.uniform(0.3, 0.45), side * rng.uniform(0.35, 0.5)])
    cv2.ellipse(canvas, centre, axes.astype(int).tolist(), 0, 0, 360, outer, -1, cv2.LINE_AA)
    axes *= rng.uniform(0.4, 0.8)
    low = side * rng.uniform(-0.05, 0.15)
    middle = (centre[0], round(centre[1] + low))
    cv2.ellipse(canvas, middle, axes.astype(int).tolist(), 0, 0, 360, inner, -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        bright = np.clip(np.array(inner) + 80, 0, 255).tolist()
        cv2.ellipse(canvas, middle, axes.astype(int).tolist(), 0, 180, 360, bright, -1, cv2.LINE_AA)
    return canvas


def _drawn_face(patch: Picture, rng: np.random.Generator) -> Picture:
    """A smiley or a skull: an oval with eyes, a mouth and perhaps a nose, in two flat colours."""
    canvas = patch.copy()
    side = len(canvas)
    skin, ink = _colours(rng)
    unit = side / 2

    def at(x: float, y: float) -> tuple[int, int]:
        return round(unit + x * unit), round(unit + y * unit)

    def oval(place: tuple[int, int], w: float, h: float, colour: list[int], turn: float) -> None:
        axes = (max(1, round(w * unit)), max(1, round(h * unit)))
        cv2.ellipse(canvas, place, axes, turn, 0, 360, colour, -1, cv2.LINE_AA)

    oval(at(0, 0), rng.uniform(0.65, 0.9), rng.uniform(0.8, 0.97), skin, 0)
    eye_x, eye_y, slant = rng.uniform(0.25, 0.42), rng.uniform(-0.4, -0.1), rng.uniform(-30, 30)
    eye_w, eye_h = rng.uniform(0.1, 0.3), rng.uniform(0.08, 0.22)
    for sign in (-1, 1):
        oval(at(sign * eye_x, eye_y), eye_w, eye_h, ink, sign * slant)
        if rng.random() < 0.4:
            oval(at(sign * eye_x, eye_y), eye_w / 3, eye_h / 3, skin, 0)
    if rng.random() < 0.6:
        nose = np.array([at(0, 0.05), at(-0.12, 0.3), at(0.12, 0.3)], np.int32)
        cv2.fillPoly(canvas, [nose], ink, cv2.LINE_AA)
    mouth_y, mouth_w = rng.uniform(0.4, 0.6), rng.uniform(0.2, 0.5)
    thick = max(1, round(side * rng.uniform(0.02, 0.06)))
    axes = (max(1, round(mouth_w * unit)), max(1, round(rng.uniform(0.02, 0.25) * unit)))
    cv2.ellipse(canvas, at(0, mouth_y), axes, 0, 0, 180, ink, thick, cv2.LINE_AA)
    if rng.random() < 0.5:  # teeth
        for x in np.linspace(-mouth_w, mouth_w, int(rng.integers(4, 9))):
            cv2.line(canvas, at(x, mouth_y - 0.1), at(x, mouth_y + 0.1), ink, thick)
    return canvas


def _print(patch: Picture, picture: Picture, xyxy: F32, rng: np.random.Generator) -> Picture:
    """One of the faces as a print in two flat colours."""
    x0, y0, x1, y1 = (int(v) for v in rng.choice(xyxy))
    face = picture[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    if min(face.shape[:2]) < 8:
        return _drawn_face(patch, rng)
    side = len(patch)
    gray = cv2.resize(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), (side, side))
    gray = cv2.GaussianBlur(gray, (0, 0), max(0.3, side / 60))
    light = gray > np.quantile(gray, rng.uniform(0.35, 0.65))
    ink, paper = _colours(rng)
    oval = np.zeros((side, side), np.uint8)
    cv2.ellipse(oval, (side // 2, side // 2), (side * 2 // 5, side // 2 - 1), 0, 0, 360, 1, -1)
    printed = np.where(light[..., None], paper, ink)
    return np.asarray(np.where(oval[..., None] > 0, printed, patch), np.uint8)
