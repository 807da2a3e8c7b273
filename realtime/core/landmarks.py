"""Landmarks: the points of each face, and the topology that says what each point marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, check_array

Group = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Indices of the landmarks that are measured; right and left are the person's own.

    Attributes:
        rigid: points that an expression hardly moves, in the order of
            `realtime.landmark.face_model.POINTS`.
        right_eye: outer corner, two points of the upper lid, inner corner, two of the lower lid
            from the inner to the outer; the vertical pairs are (1, 5) and (2, 4).
        left_eye: likewise, from the inner corner to the outer.
        mouth: right and left corner of the inner lips.
        lips: pairs of an upper and a lower point of the inner lips.
    """

    rigid: Group
    right_eye: Group
    left_eye: Group
    mouth: tuple[int, int]
    lips: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """What the points of one kind of landmarks mark.

    Attributes:
        name: how results name it, `"mesh"` for instance.
        count: number of points of a face.
        dimensions: 3 where points have a depth, otherwise 2.
        alignment: five groups of indices whose means are the right and left eye centre, the nose
            tip, and the right and left mouth corner.
        marks: the points that are measured; None where there are too few.
        edges_file: a CSV file beside this module with pairs of indices; empty where no points are
            joined.
        contours_file: likewise for the fewer lines that are drawn on small faces; empty where all
            edges are.
    """

    name: str
    count: int
    dimensions: int
    alignment: tuple[Group, Group, Group, Group, Group]
    marks: Marks | None = None
    edges_file: str = ""
    contours_file: str = ""

    def __reduce__(self) -> tuple[Callable[..., Topology], tuple[Any, ...]]:
        """Pickle the topologies of this module by name: results of each frame travel with them."""
        if TOPOLOGIES.get(self.name) is self:
            return _topology, (self.name,)
        return partial(Topology, **{f.name: getattr(self, f.name) for f in fields(self)}), ()

    @property
    def edges(self) -> NDArray[np.intp]:
        """The lines between points: (edges, 2) indices, (0, 2) where points are drawn as dots."""
        return _read_edges(self.edges_file)

    @property
    def contours(self) -> NDArray[np.intp]:
        """The lines that are drawn on small faces: (lines, 2) indices, (0, 2) where all are."""
        return _read_edges(self.contours_file)

    @property
    def measured(self) -> Marks:
        """`marks`.

        Raises:
            ValueError: these landmarks have too few points to measure eyes, mouth and head.
        """
        if self.marks is None:
            raise ValueError(f"landmarks of topology {self.name!r} cannot be measured")
        return self.marks


MESH468 = Topology(
    name="mesh",
    count=468,
    dimensions=3,
    alignment=((33, 133), (362, 263), (1,), (61,), (291,)),
    marks=Marks(
        rigid=(33, 133, 362, 263, 168, 197, 5, 1, 98, 97, 2, 326, 327),
        right_eye=(33, 160, 158, 133, 153, 144),
        left_eye=(362, 385, 387, 263, 373, 380),
        mouth=(78, 308),
        lips=((82, 87), (13, 14), (312, 317)),
    ),
    edges_file="mesh468_edges.csv",
    contours_file="mesh468_contours.csv",
)
POINTS68 = Topology(
    name="dlib68",
    count=68,
    dimensions=2,
    alignment=(tuple(range(36, 42)), tuple(range(42, 48)), (30,), (48,), (54,)),
    marks=Marks(
        rigid=(36, 39, 42, 45, 27, 28, 29, 30, 31, 32, 33, 34, 35),
        right_eye=(36, 37, 38, 39, 40, 41),
        left_eye=(42, 43, 44, 45, 46, 47),
        mouth=(60, 64),
        lips=((61, 67), (62, 66), (63, 65)),
    ),
)
# The same points by other models: named apart, so that records say where they are from.
MESH68 = replace(POINTS68, name="mesh68")
CNN68 = replace(POINTS68, name="cnn68")
FIVE = Topology(name="five", count=5, dimensions=2, alignment=((0,), (1,), (2,), (3,), (4,)))
TOPOLOGIES = {one.name: one for one in (MESH468, POINTS68, MESH68, CNN68, FIVE)}


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The landmarks of n faces.

    Attributes:
        topology: what each point marks.
        points: (n, topology.count, topology.dimensions) float32 pixels of the frame; depths are on
            the scale of x, and smaller is nearer.

    Raises:
        ValueError: the points do not fit the topology; the message names both shapes.

    Example:
        >>> landmarks = Landmarks(FIVE, np.zeros((2, 5, 2), np.float32))
        >>> len(landmarks), len(landmarks[:1])
        (2, 1)
    """

    topology: Topology
    points: F32

    def __post_init__(self) -> None:
        wanted = (self.topology.count, self.topology.dimensions)
        check_array(f"{self.topology.name} landmarks", self.points, np.float32, (None, *wanted))

    @classmethod
    def empty(cls, topology: Topology) -> Landmarks:
        """The landmarks of no face."""
        return cls(topology, np.zeros((0, topology.count, topology.dimensions), np.float32))

    @property
    def xy(self) -> F32:
        """(n, k, 2): the points without depth."""
        return self.points[..., :2]

    @property
    def has_depth(self) -> bool:
        """Whether the points have a depth."""
        return self.topology.dimensions == 3

    def eye_corners(self) -> F32:
        """(n, 2, 2 or 3): outer corner of the right and of the left eye."""
        marks = self.topology.measured
        return self.points[:, [marks.right_eye[0], marks.left_eye[3]]]

    def five(self) -> F32:
        """(n, 5, 2): right and left eye centre, nose tip, right and left mouth corner."""
        five: F32 = _five_weights(self.topology) @ self.xy
        return five

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, index: NDArray[Any] | slice | Sequence[int]) -> Landmarks:
        """The landmarks of the faces that `index` (a mask, positions or a slice) selects."""
        return Landmarks(self.topology, self.points[index])


def _topology(name: str) -> Topology:
    return TOPOLOGIES[name]


@cache
def _read_edges(file: str) -> NDArray[np.intp]:
    if not file:
        return np.zeros((0, 2), np.intp)
    path = Path(__file__).with_name(file)
    return np.loadtxt(path, dtype=np.intp, delimiter=",", comments="#", ndmin=2)


@cache
def _five_weights(topology: Topology) -> F32:
    """(5, k): the share of each point in each of the five, see `Landmarks.five`."""
    weights = np.zeros((len(topology.alignment), topology.count), np.float32)
    for row, group in zip(weights, topology.alignment, strict=True):
        row[list(group)] = 1 / len(group)
    return weights
