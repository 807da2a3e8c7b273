"""Faces: shapes are checked on creation; slicing and concatenation keep all arrays in step."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import UNSURE, Doubt
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, POINTS68, Landmarks
from tests.builders import answers, zero_landmarks
from tests.core.strategies import faces_of, indices


def some_faces(n: int) -> Faces:
    return Faces(
        xyxy=np.arange(4 * n, dtype=np.float32).reshape(n, 4),
        score=np.linspace(0.5, 1, n, dtype=np.float32),
        landmarks=zero_landmarks(MESH468, n),
        track_id=np.arange(n, dtype=np.int64),
        attributes={"mask": answers(MASK, [[0, 0.9, 0.1]] * n)},
    )


def arrays_of(faces: Faces) -> dict[str, Any]:
    """Every array in the faces by name, those of landmarks and attributes too."""
    names = [f.name for f in fields(faces) if f.name not in ("landmarks", "attributes")]
    found = {name: getattr(faces, name) for name in names}
    if faces.landmarks is not None:
        found[f"landmarks {faces.landmarks.topology.name}"] = faces.landmarks.points
    for name, said in faces.attributes.items():
        found |= {f"{name} prob": said.prob, f"{name} doubt": said.doubt}
    return {name: array for name, array in found.items() if array is not None}


def assert_same(faces: Faces, expected: Faces) -> None:
    actual, wanted = arrays_of(faces), arrays_of(expected)
    assert set(actual) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(actual[name], array, err_msg=name)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_any_number_of_faces_is_valid(n: int) -> None:
    assert len(some_faces(n)) == n


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("score", np.zeros((2, 1), np.float32), r"score has shape \(2, 1\), expected \(3,\)"),
        ("xyxy", np.zeros((3, 5), np.float32), r"xyxy has shape \(3, 5\), expected \(3, 4\)"),
        ("keypoints", np.zeros((3, 6, 3), np.float32), r"expected \(3, any, 2\)"),
        ("track_id", np.zeros(3, np.float32), "track_id has dtype float32, expected int64"),
        ("masked", np.zeros(3, np.uint8), "masked has dtype uint8, expected bool"),
        ("landmarks", zero_landmarks(MESH468, 2), "landmarks are of 2 faces, expected 3"),
        (
            "attributes",
            {"mask": answers(MASK, [[0, 1, 0]] * 2)},
            "attribute 'mask' is of 2 faces, expected 3",
        ),
    ],
)
def test_wrong_shapes_are_named(name: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        some_faces(3).with_(**{name: value})


def test_mistyped_attribute_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = some_faces(1).landmark  # type: ignore[attr-defined]


def test_positional_arguments_are_an_error() -> None:
    with pytest.raises(TypeError):
        Faces(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))  # type: ignore[call-arg]


def test_slicing_keeps_arrays_in_step() -> None:
    picked = some_faces(4)[np.array([3, 1])]
    assert picked.track_id is not None
    assert picked.track_id.tolist() == [3, 1]
    assert picked.xyxy[:, 0].tolist() == [12, 4]
    assert picked.landmarks is not None
    assert picked.landmarks.points.shape == (2, 468, 3)
    assert picked.attributes["mask"].prob.shape == (2, 3)
    assert picked.masked is None
    assert "emotion" not in picked.attributes


def test_concatenation_keeps_order_and_drops_what_one_part_lacks() -> None:
    plain = Faces.from_boxes([[0, 0, 1, 1]])
    joined = Faces.concatenate([Faces.empty(), some_faces(2), plain])
    assert len(joined) == 3
    assert joined.landmarks is None
    assert joined.attributes == {}
    assert joined.score.tolist() == [0.5, 1.0, 1.0]
    assert len(Faces.concatenate([Faces.empty()])) == 0
    assert len(Faces.concatenate([])) == 0


def test_concatenation_drops_landmarks_of_different_topologies() -> None:
    mesh = some_faces(2)
    dlib = mesh.with_(landmarks=zero_landmarks(POINTS68, 2))
    assert Faces.concatenate([mesh, dlib]).landmarks is None
    joined = Faces.concatenate([dlib, dlib]).landmarks
    assert joined is not None
    assert joined.topology is POINTS68


def test_label_of_an_attribute_that_was_not_requested_is_none() -> None:
    faces = some_faces(2)
    assert faces.label("mask", 0) == ("without_mask", pytest.approx(0.9))
    assert faces.label("emotion", 0) is None


def test_added_answers_replace_those_of_the_same_name() -> None:
    mask = answers(MASK, [[1, 0, 0]] * 2, doubts=[0, Doubt.SMALL | Doubt.TURNED])
    emotion = answers(EMOTION, np.eye(7)[[3, 4]])
    faces = some_faces(2).with_answers({"emotion": emotion, "mask": mask})
    assert set(faces.attributes) == {"mask", "emotion"}
    assert [faces.label("mask", i) for i in (0, 1)] == [("with_mask", 1.0), (UNSURE, 1.0)]
    assert faces.label("emotion", 1) == ("sad", 1.0)
    assert faces[[1]].attributes["mask"].doubts(0) == [Doubt.SMALL, Doubt.TURNED]
    assert faces[[1]].attributes["mask"].sure.tolist() == [False]


@given(st.data(), faces_of())
def test_slice_selects_the_same_faces_in_every_array(data: st.DataObject, faces: Faces) -> None:
    index = data.draw(indices(len(faces)))
    positions = np.arange(len(faces))[index].tolist()
    part = faces[index]
    assert len(part) == len(positions)
    selected, whole = arrays_of(part), arrays_of(faces)
    assert set(selected) == set(whole)
    for name, array in whole.items():
        np.testing.assert_array_equal(selected[name], array[positions], err_msg=name)
    for name in faces.attributes:
        labels = [part.label(name, j) for j in range(len(part))]
        assert labels == [faces.label(name, i) for i in positions]


@given(st.integers(1, 5).flatmap(faces_of), st.integers(0, 5))
def test_concatenating_the_parts_of_a_split_restores_the_faces(faces: Faces, cut: int) -> None:
    assert_same(Faces.concatenate([faces[:cut], faces[cut:]]), faces)


@given(st.lists(faces_of(), max_size=4))
def test_concatenation_keeps_what_all_filled_parts_have(parts: list[Faces]) -> None:
    joined = Faces.concatenate(parts)
    filled = [arrays_of(part) for part in parts if len(part)]
    assert len(joined) == sum(map(len, parts))
    if not filled:
        assert_same(joined, Faces.empty())
        return
    shared = set.intersection(*map(set, filled))
    merged = arrays_of(joined)
    assert set(merged) == shared
    for name in shared:
        expected = np.concatenate([arrays[name] for arrays in filled])
        np.testing.assert_array_equal(merged[name], expected, err_msg=name)


@given(faces_of(), faces_of(), faces_of())
def test_concatenation_is_associative(a: Faces, b: Faces, c: Faces) -> None:
    left = Faces.concatenate([Faces.concatenate([a, b]), c])
    assert_same(left, Faces.concatenate([a, Faces.concatenate([b, c])]))
    assert_same(left, Faces.concatenate([a, b, c]))


PIXEL_ARRAYS = ("xyxy", "velocity_px_s", "keypoints", "landmarks")


@given(faces_of(), st.floats(0.01, 100))
def test_scaling_changes_pixels_and_nothing_else(faces: Faces, factor: float) -> None:
    scaled, whole = arrays_of(faces.scaled(factor)), arrays_of(faces)
    assert set(scaled) == set(whole)
    for name, array in whole.items():
        by = np.float32(factor) if name.startswith(PIXEL_ARRAYS) else 1
        np.testing.assert_array_equal(scaled[name], array * by, err_msg=name)
        assert scaled[name].dtype == array.dtype


@given(faces_of())
def test_scaling_by_one_or_there_and_back_changes_nothing(faces: Faces) -> None:
    assert_same(faces.scaled(1), faces)
    assert_same(faces.scaled(4).scaled(0.25), faces)


def test_scaling_keeps_the_topology() -> None:
    landmarks = some_faces(1).scaled(2).landmarks
    assert isinstance(landmarks, Landmarks)
    assert landmarks.topology is MESH468
