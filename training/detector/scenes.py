"""Scenes in which every face has a box: training and evaluation data of the detector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import MASK
from realtime.core.faces import F32, Frame
from realtime.media.resize import fit_within
from training.data import Archive

CORNERS = ("x0", "y0", "x1", "y1")
ATTRIBUTES = ("blur", "expression", "illumination", "occlusion", "pose")
MAX_SIDE_PX = 640  # longer pictures are downscaled to this before detection
MIN_FACE_HEIGHT_PX = 20.0  # in the downscaled picture; smaller faces are not evaluated
NO_MASK_LABEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The boxes of one picture, in pixels of the stored picture.

    Attributes:
        path: path of the picture in its set.
        xyxy: (n, 4) float32, all boxes, including small and invalid ones.
        invalid: (n,) bool, boxes that the annotators marked as unclear or wrong.
        mask: (n,) int64, indices into `MASK.labels`; -1 where the set has no mask labels.
        attributes: WIDER FACE attributes by name, (n,) int64 each; empty for other sets.
    """

    path: str
    xyxy: F32
    invalid: NDArray[np.bool_]
    mask: NDArray[np.int64]
    attributes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def hard(self) -> NDArray[np.bool_]:
        """(n,) bool: turned away, partly hidden or badly lit faces, where that is labelled."""
        hard = np.zeros(len(self.xyxy), bool)
        for name in ("pose", "occlusion", "illumination"):
            if name in self.attributes:
                hard |= self.attributes[name] > 0
        return hard

    @property
    def side_px(self) -> F32:
        """(n,) the shorter side of each box."""
        return np.asarray((self.xyxy[:, 2:] - self.xyxy[:, :2]).min(axis=1), np.float32)


def wider(data: Path, name: str) -> list[Scene]:
    """The scenes of `wider_train` or `wider_val`, sorted by path.

    Raises:
        training.data.DataError: the set is missing or malformed.
    """
    with Archive(data, name) as archive:
        rows = _by_path(archive.table("boxes.csv", ("path", *CORNERS, "invalid", *ATTRIBUTES)))
    return [
        Scene(
            path,
            _corners(boxes),
            np.array([r["invalid"] != "0" for r in boxes]),
            np.full(len(boxes), NO_MASK_LABEL),
            {a: np.array([int(r[a]) for r in boxes]) for a in ATTRIBUTES},
        )
        for path, boxes in sorted(rows.items())
    ]


def mask_scenes(data: Path, split: str) -> list[Scene]:
    """The `train` or `val` split of mask_scenes, sorted by path.

    Raises:
        training.data.DataError: the set is missing or malformed.
    """
    with Archive(data, "mask_scenes") as archive:
        table = archive.table("boxes.csv", ("path", "split", *CORNERS, "label"))
    rows = _by_path([r for r in table if r["split"] == split])
    return [
        Scene(
            path,
            _corners(boxes),
            np.zeros(len(boxes), bool),
            np.array([MASK.labels.index(r["label"]) for r in boxes]),
        )
        for path, boxes in sorted(rows.items())
    ]


def masked_web(data: Path) -> list[Scene]:
    """The pictures of masked_web, sorted by path; they have no boxes."""
    return _unlabelled(data, "masked_web")


def without_faces(data: Path) -> list[Scene]:
    """The pictures of scenes_without_faces, sorted by path."""
    return _unlabelled(data, "scenes_without_faces")


def _unlabelled(data: Path, name: str) -> list[Scene]:
    with Archive(data, name) as archive:
        paths = archive.paths()
    return [unlabelled(path) for path in paths]


def unlabelled(path: str) -> Scene:
    """A picture without boxes."""
    none = np.zeros(0, np.int64)
    return Scene(path, np.zeros((0, 4), np.float32), none.astype(bool), none)


def pictures(data: Path, name: str, scenes: list[Scene]) -> Iterator[tuple[Scene, Frame]]:
    """Decode the pictures of scenes from the set `name`, one at a time."""
    with Archive(data, name) as archive:
        for scene in scenes:
            yield scene, archive.picture(scene.path)


def downscale(picture: Frame) -> tuple[Frame, float]:
    """The picture with a longer side of at most `MAX_SIDE_PX`, and the scale applied."""
    return fit_within(picture, MAX_SIDE_PX), min(1.0, MAX_SIDE_PX / max(picture.shape[:2]))


def _by_path(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    paths: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        paths.setdefault(row["path"], []).append(row)
    return paths


def _corners(rows: list[dict[str, str]]) -> F32:
    return np.array([[float(r[c]) for c in CORNERS] for r in rows], np.float32)
