"""Any detector on a whole picture and on overlapping tiles of it, for faces small and many.

A detector sees a picture shrunk to its own small input: what is 30 pixels wide in a picture of
4000 is nothing there. On a quarter of the picture the same face is four times as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from queue import SimpleQueue

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces, Frame
from realtime.detect.suppress import overlap_of_smaller
from realtime.detect.types import Detector

OVERLAP = 0.3  # of a tile's side; a face up to this size lies whole in at least one tile
LEVELS = 4  # the whole picture, then tiles of half, a quarter and an eighth of its longer side
MIN_TILE_PX = 120  # smaller tiles only enlarge what has no detail left
EDGE = 0.02  # of a tile's side; a box this close to the tile's inner edge may be a cut face
SAME_FACE = 0.55  # share of the smaller box that lies in the larger: two boxes, one face
SEEN_SIDE_PX = 384  # tiles are cut from a picture shrunk until they have this side at most


def detect_tiled(
    detectors: Sequence[Detector], frame_bgr: Frame, *, min_score: float
) -> tuple[Faces, F32]:
    """The faces found on the whole picture and on its tiles, each once.

    Args:
        detectors: one detector, or several alike that share the tiles and search side by side.
        frame_bgr: the picture.
        min_score: the score from which a single answer of the detector is taken up.

    Returns:
        The faces, best score first, and their agreement (n,): the sum of the scores of all answers
        that lie on the face. A face answers on several tiles, a chance likeness mostly on one.
    """
    height, width = frame_bgr.shape[:2]
    free: SimpleQueue[Detector] = SimpleQueue()
    for detector in detectors:
        free.put(detector)

    def found_on(level: Frame, tile: tuple[int, int, int, int], scale: float) -> Faces:
        x0, y0, x1, y1 = tile
        detector = free.get()
        try:
            found = detector.detect(level[y0:y1, x0:x1], min_score=min_score)
        finally:
            free.put(detector)
        cut = touches_inner_edge(found.xyxy, tile, (level.shape[1], level.shape[0]))
        return _moved(found[~cut], (x0, y0), scale)

    with ThreadPoolExecutor(len(detectors)) as pool:
        waiting = []
        for side in tile_sides((width, height)):
            # Shrinking the picture once is far cheaper than shrinking each of many tiles.
            scale = min(1.0, SEEN_SIDE_PX / side)
            level = frame_bgr if scale == 1 else _shrink(frame_bgr, scale)
            for tile in tile_boxes((level.shape[1], level.shape[0]), round(side * scale)):
                waiting.append(pool.submit(found_on, level, tile, scale))
        parts = [future.result() for future in waiting]
    return merge(Faces.concatenate(parts))


def tile_sides(size_wh: tuple[int, int]) -> list[int]:
    """The longer side of the picture, then its halves."""
    sides = [max(size_wh)]
    while len(sides) < LEVELS and sides[-1] // 2 >= MIN_TILE_PX:
        sides.append(sides[-1] // 2)
    return sides


def tile_boxes(size_wh: tuple[int, int], side: int) -> list[tuple[int, int, int, int]]:
    """Squares of that side that cover the picture and overlap by at least `OVERLAP`: xyxy."""
    spans = [_spans(length, side) for length in size_wh]
    return [(x0, y0, x1, y1) for (y0, y1), (x0, x1) in product(spans[1], spans[0])]


def touches_inner_edge(
    xyxy: F32, tile: tuple[int, int, int, int], size_wh: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which boxes, in pixels of the tile, come close to an edge where the picture goes on: (n,)."""
    x0, y0, x1, y1 = tile
    margin = EDGE * max(x1 - x0, y1 - y0)
    cut = np.zeros(len(xyxy), bool)
    if x0 > 0:
        cut |= xyxy[:, 0] < margin
    if y0 > 0:
        cut |= xyxy[:, 1] < margin
    if x1 < size_wh[0]:
        cut |= xyxy[:, 2] > x1 - x0 - margin
    if y1 < size_wh[1]:
        cut |= xyxy[:, 3] > y1 - y0 - margin
    return cut


def merge(faces: Faces) -> tuple[Faces, F32]:
    """One of all boxes that lie on the same face, best score first, and their summed scores (n,).

    Overlap is measured against the smaller box: a part of a face lies inside the whole one, which
    intersection over union would not notice.
    """
    order = np.argsort(-faces.score, kind="stable")
    same = overlap_of_smaller(faces.xyxy[order], faces.xyxy[order]) > SAME_FACE
    alive = np.ones(len(order), bool)
    kept, agreement = [], []
    for i in range(len(order)):
        if alive[i]:
            group = alive & same[i]
            group[i] = True
            alive &= ~group
            kept.append(order[i])
            agreement.append(faces.score[order[group]].sum())
    return faces[np.asarray(kept, np.intp)], np.asarray(agreement, np.float32)


def _spans(length: int, side: int) -> list[tuple[int, int]]:
    """Equal steps along one axis, ends included."""
    if length <= side:
        return [(0, length)]
    steps = int(np.ceil((length - side) / (side * (1 - OVERLAP))))
    starts = np.linspace(0, length - side, steps + 1).round().astype(int)
    return [(int(start), int(start) + side) for start in starts]


def _shrink(frame_bgr: Frame, scale: float) -> Frame:
    size = (max(1, round(frame_bgr.shape[1] * scale)), max(1, round(frame_bgr.shape[0] * scale)))
    return np.asarray(cv2.resize(frame_bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _moved(faces: Faces, offset: tuple[int, int], scale: float) -> Faces:
    """Faces of a tile in pixels of the picture."""
    shift = np.asarray(offset, np.float32)
    xyxy = (faces.xyxy + np.tile(shift, 2)) / np.float32(scale)
    if faces.keypoints is None:
        return faces.with_(xyxy=xyxy)
    return faces.with_(xyxy=xyxy, keypoints=(faces.keypoints + shift) / np.float32(scale))
