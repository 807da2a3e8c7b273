"""Run any detector on a whole picture and on overlapping tiles of it, to find small faces.

A detector scales its picture down to a small input: a face 30 pixels wide in a picture of 4000
vanishes. On a tile a quarter as wide, the same face is four times as large.
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
from realtime.core.geometry import overlap_of_smaller
from realtime.detect.suppress import greedy_groups
from realtime.detect.types import Detector

OVERLAP = 0.3  # share of a tile's side; a face up to this size fits into at least one tile
LEVELS = 4  # the whole picture, then tiles of a half, a quarter and an eighth of its longer side
MIN_TILE_PX = 120  # smaller tiles only enlarge pixels that have no more detail
EDGE = 0.02  # share of a tile's side; a box this close to the tile's inner edge may be cut off
SAME_FACE = 0.55  # share of the smaller box inside the larger above which both are one face
MAX_TILE_PX = 384  # the picture is scaled down until its tiles have at most this side


def detect_tiled(
    detectors: Sequence[Detector], frame_bgr: Frame, *, min_score: float
) -> tuple[Faces, F32]:
    """Detect faces on the whole picture and on its tiles, and merge duplicates.

    Args:
        detectors: one detector, or several instances of it that process tiles in parallel.
        frame_bgr: (h, w, 3) uint8.
        min_score: threshold for a single detection.

    Returns:
        The faces, best score first, and their agreement (n,): the sum of the scores of all
        detections of that face. A face is detected on several tiles, a false positive mostly on
        one.
    """
    height, width = frame_bgr.shape[:2]
    free: SimpleQueue[Detector] = SimpleQueue()
    for detector in detectors:
        free.put(detector)

    def detect_on(level: Frame, tile: tuple[int, int, int, int], scale: float) -> Faces:
        x0, y0, x1, y1 = tile
        detector = free.get()
        try:
            faces = detector.detect(level[y0:y1, x0:x1], min_score=min_score)
        finally:
            free.put(detector)
        cut = touches_inner_edge(faces.xyxy, tile, (level.shape[1], level.shape[0]))
        return _to_frame(faces[~cut], (x0, y0), scale)

    with ThreadPoolExecutor(len(detectors)) as pool:
        futures = []
        for side in tile_sides((width, height)):
            # Resizing the picture once is far cheaper than resizing each of many tiles.
            scale = min(1.0, MAX_TILE_PX / side)
            level = frame_bgr if scale == 1 else _shrink(frame_bgr, scale)
            for tile in tile_boxes((level.shape[1], level.shape[0]), round(side * scale)):
                futures.append(pool.submit(detect_on, level, tile, scale))
        parts = [future.result() for future in futures]
    return merge(Faces.concatenate(parts))


def tile_sides(size_wh: tuple[int, int]) -> list[int]:
    """Tile sides in pixels: the picture's longer side, then half of the one before."""
    sides = [max(size_wh)]
    while len(sides) < LEVELS and sides[-1] // 2 >= MIN_TILE_PX:
        sides.append(sides[-1] // 2)
    return sides


def tile_boxes(size_wh: tuple[int, int], side: int) -> list[tuple[int, int, int, int]]:
    """Square tiles, xyxy, that cover the picture and overlap by at least `OVERLAP`."""
    spans = [_spans(length, side) for length in size_wh]
    return [(x0, y0, x1, y1) for (y0, y1), (x0, x1) in product(spans[1], spans[0])]


def touches_inner_edge(
    xyxy: F32, tile: tuple[int, int, int, int], size_wh: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which boxes lie at an edge of their tile that is not an edge of the picture.

    Args:
        xyxy: (n, 4) boxes in pixels of the tile.
        tile: the tile in pixels of the picture, xyxy.
        size_wh: the picture's size.

    Returns:
        (n,) True where the tile may have cut the face.
    """
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
    """Merge detections of the same face into the one with the best score.

    Overlap is measured against the smaller box, because a partial detection lies inside the whole
    face, which intersection over union would miss.

    Returns:
        The faces, best score first, and the summed scores of their detections (n,).
    """
    faces = faces[np.argsort(-faces.score, kind="stable")]
    keeper = greedy_groups(overlap_of_smaller(faces.xyxy, faces.xyxy) > SAME_FACE)
    kept = np.unique(keeper)
    agreement = [faces.score[keeper == k].sum() for k in kept]
    return faces[kept], np.asarray(agreement, np.float32)


def _spans(length: int, side: int) -> list[tuple[int, int]]:
    """Evenly spaced (start, end) intervals that cover an axis from end to end."""
    if length <= side:
        return [(0, length)]
    steps = int(np.ceil((length - side) / (side * (1 - OVERLAP))))
    starts = np.linspace(0, length - side, steps + 1).round().astype(int)
    return [(int(start), int(start) + side) for start in starts]


def _shrink(frame_bgr: Frame, scale: float) -> Frame:
    size = (max(1, round(frame_bgr.shape[1] * scale)), max(1, round(frame_bgr.shape[0] * scale)))
    return np.asarray(cv2.resize(frame_bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _to_frame(faces: Faces, offset: tuple[int, int], scale: float) -> Faces:
    """Faces detected on a tile, in pixels of the full picture."""
    shift = np.asarray(offset, np.float32)
    xyxy = (faces.xyxy + np.tile(shift, 2)) / np.float32(scale)
    if faces.keypoints is None:
        return faces.with_(xyxy=xyxy)
    return faces.with_(xyxy=xyxy, keypoints=(faces.keypoints + shift) / np.float32(scale))
