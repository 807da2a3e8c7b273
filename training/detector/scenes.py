"""Scenes with every face boxed: what the detector learns from and is judged on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, MASK_LABELS, Frame
from realtime.media.resize import fit_within
from training.data import Archive

CORNERS = ("x0", "y0", "x1", "y1")
ATTRIBUTES = ("blur", "expression", "illumination", "occlusion", "pose")
SEEN_PX = 640  # pictures with a longer side are shrunk to it before any detector sees them
LEAST_PX = 20.0  # the height of a face, in a picture as detectors see it, from which it is judged
NO_MASK_LABEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One picture's boxes, in pixels of the picture as stored.

    Attributes:
        path: the picture in its set.
        xyxy: (n, 4) float32, every box of the set, also small and invalid ones.
        invalid: (n,) bool, what the annotators could not tell or boxed by mistake.
        mask: (n,) int64, positions in `MASK_LABELS`; -1 where the set does not say.
        attributes: WIDER's own words for each face, (n,) int64 each; empty for other sets.
    """

    path: str
    xyxy: F32
    invalid: NDArray[np.bool_]
    mask: NDArray[np.int64]
    attributes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def side_px(self) -> F32:
        """(n,) the shorter side of each box."""
        return np.asarray((self.xyxy[:, 2:] - self.xyxy[:, :2]).min(axis=1), np.float32)


def wider(data: Path, name: str) -> list[Scene]:
    """`wider_train` or `wider_val`, by path.

    Raises:
        training.data.DataError: the set is missing or not as expected.
    """
    with Archive(data, name) as archive:
        rows = _by_path(archive.table("boxes.csv", ("path", *CORNERS, "invalid", *ATTRIBUTES)))
    return [
        Scene(
            path,
            _corners(found),
            np.array([r["invalid"] != "0" for r in found]),
            np.full(len(found), NO_MASK_LABEL),
            {a: np.array([int(r[a]) for r in found]) for a in ATTRIBUTES},
        )
        for path, found in sorted(rows.items())
    ]


def mask_scenes(data: Path, split: str) -> list[Scene]:
    """mask_scenes `train` or `val`, by path.

    Raises:
        training.data.DataError: the set is missing or not as expected.
    """
    with Archive(data, "mask_scenes") as archive:
        table = archive.table("boxes.csv", ("path", "split", *CORNERS, "label"))
    rows = _by_path([r for r in table if r["split"] == split])
    return [
        Scene(
            path,
            _corners(found),
            np.zeros(len(found), bool),
            np.array([MASK_LABELS.index(r["label"]) for r in found]),
        )
        for path, found in sorted(rows.items())
    ]


def without_faces(data: Path) -> list[Scene]:
    """scenes_without_faces, by path."""
    with Archive(data, "scenes_without_faces") as archive:
        paths = archive.paths()
    none = np.zeros(0, np.int64)
    return [Scene(p, np.zeros((0, 4), np.float32), none.astype(bool), none) for p in paths]


def pictures(data: Path, name: str, scenes: list[Scene]) -> Iterator[tuple[Scene, Frame]]:
    """Each scene of the set `name` with its picture, one at a time."""
    with Archive(data, name) as archive:
        for scene in scenes:
            yield scene, archive.picture(scene.path)


def shrunk(picture: Frame) -> tuple[Frame, float]:
    """The picture with a longer side of `SEEN_PX` at most, and its scale."""
    return fit_within(picture, SEEN_PX), min(1.0, SEEN_PX / max(picture.shape[:2]))


def _by_path(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    paths: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        paths.setdefault(row["path"], []).append(row)
    return paths


def _corners(rows: list[dict[str, str]]) -> F32:
    return np.array([[float(r[c]) for c in CORNERS] for r in rows], np.float32)
