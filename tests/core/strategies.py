"""Hypothesis strategies for faces, their landmarks and attributes, and for indices."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realtime.attribute.registry import ATTRIBUTES, Attribute
from realtime.core.answers import Answers, Doubt
from realtime.core.faces import Faces
from realtime.core.landmarks import FIVE, MESH468, POINTS68, Landmarks, Topology

MAX_FACES = 5
TOPOLOGIES = (FIVE, POINTS68, MESH468)
counts = st.integers(0, MAX_FACES)


@st.composite
def answers_of(draw: st.DrawFn, attribute: Attribute, n: int) -> Answers:
    """Answers about n faces; some rows are unknown, and doubts and shown labels may be missing."""
    shares = st.floats(0, 1, width=32)
    prob = draw(arrays(np.float32, (n, len(attribute.labels)), elements=shares))
    prob[draw(arrays(np.bool_, n))] = np.nan
    doubt = None
    if draw(st.booleans()):
        doubt = draw(arrays(np.uint8, n, elements=st.integers(0, sum(Doubt))))
    shown = None
    if draw(st.booleans()):
        shown = draw(arrays(np.int64, n, elements=st.integers(0, len(attribute.labels) - 1)))
    return Answers(attribute.labels, prob, doubt, shown)


@st.composite
def landmarks_of(draw: st.DrawFn, topology: Topology, n: int) -> Landmarks:
    """Landmarks of n faces somewhere in a picture."""
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    points = rng.uniform(-100, 2000, (n, topology.count, topology.dimensions))
    return Landmarks(topology, points.astype(np.float32))


@st.composite
def faces_of(draw: st.DrawFn, n: int | None = None) -> Faces:
    """Faces with any combination of landmarks, attributes and further arrays."""
    n = draw(counts) if n is None else n
    pixels = arrays(np.float32, (n, 4), elements=st.floats(-100, 2000, width=32))
    topology = draw(st.none() | st.sampled_from(TOPOLOGIES))
    names = draw(st.sets(st.sampled_from(list(ATTRIBUTES))))
    optional: dict[str, Any] = {
        "keypoints": draw(arrays(np.float32, (n, 6, 2), elements=st.integers(0, 99))),
        "track_id": draw(arrays(np.int64, n, elements=st.integers(1, 99))),
        "masked": draw(arrays(np.bool_, n)),
        "velocity_px_s": draw(arrays(np.float32, (n, 2), elements=st.integers(-999, 999))),
    }
    present = draw(st.sets(st.sampled_from(list(optional))))
    return Faces(
        xyxy=draw(pixels),
        score=draw(arrays(np.float32, n, elements=st.floats(0, 1, width=32))),
        landmarks=None if topology is None else draw(landmarks_of(topology, n)),
        attributes={name: draw(answers_of(ATTRIBUTES[name], n)) for name in sorted(names)},
        **{name: optional[name] for name in present},
    )


def indices(n: int) -> st.SearchStrategy[Any]:
    """Everything that selects among n faces: slices, masks and positions."""
    positions = st.lists(st.integers(0, n - 1), max_size=2 * n) if n else st.just([])
    return st.one_of(
        st.slices(n),
        arrays(np.bool_, n),
        positions,
        positions.map(lambda chosen: np.array(chosen, np.intp)),
    )
