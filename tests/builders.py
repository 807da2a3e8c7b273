"""Builders shared by the tests: faces, landmarks, answers and stub classifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike

from models import Unsure
from realtime.attribute.classifier import Scores
from realtime.attribute.registry import Attribute
from realtime.core.answers import Answers
from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, Landmarks, Topology
from realtime.engine.networks import Networks
from realtime.landmark.face_model import POINTS
from realtime.landmark.pose import estimated_camera, rotation
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks

SIZE_WH = (640, 480)  # of the frame that `posed_landmarks` are rendered into


def answers(
    attribute: Attribute, prob: ArrayLike, *, doubts: Sequence[int] | None = None
) -> Answers:
    """Answers with these probabilities, one row per face, and these doubts."""
    rows = np.asarray(prob, np.float32).reshape(-1, len(attribute.labels))
    return Answers(attribute.labels, rows, None if doubts is None else np.array(doubts, np.uint8))


def unknown(attribute: Attribute, n: int = 1) -> Answers:
    """Answers about n faces that are not known yet."""
    return answers(attribute, np.full((n, len(attribute.labels)), np.nan))


def tracked_faces(track_ids: Sequence[int], **attributes: Answers) -> Faces:
    """One face per track number, in equal boxes, with these attributes."""
    boxes = np.tile([0, 0, 30, 40], (len(track_ids), 1))
    faces = Faces.from_boxes(boxes).with_(track_id=np.array(track_ids, np.int64))
    return faces.with_answers(attributes)


def zero_landmarks(topology: Topology, n: int = 1) -> Landmarks:
    """The landmarks of n faces, all at the origin."""
    return Landmarks(topology, np.zeros((n, topology.count, topology.dimensions), np.float32))


def mesh_in_boxes(*boxes: tuple[float, float, float, float]) -> Landmarks:
    """A flat mesh per box, its points on the box's diagonal."""
    corners = np.asarray(boxes, np.float32).reshape(-1, 4)
    share = np.linspace(0, 1, MESH468.count, dtype=np.float32)[None, :, None]
    xy = corners[:, None, :2] + (corners[:, 2:] - corners[:, :2])[:, None] * share
    return Landmarks(MESH468, np.concatenate([xy, np.zeros_like(xy[..., :1])], axis=2))


def faces_with_mesh(*boxes: tuple[float, float, float, float]) -> Faces:
    """Faces in these boxes, with a flat mesh each."""
    xyxy = np.asarray(boxes, np.float32).reshape(-1, 4)
    return Faces.from_boxes(xyxy).with_(landmarks=mesh_in_boxes(*boxes))


def posed_landmarks(
    yaw: float,
    pitch: float,
    roll: float,
    *,
    topology: Topology = MESH468,
    shift: tuple[float, ...] = (0, 0, 60),
) -> Landmarks:
    """The rigid points of the mean face in this pose, as the estimated camera sees them."""
    placed = POINTS @ rotation(yaw, pitch, roll).T + shift
    seen = placed @ estimated_camera(SIZE_WH).T
    points = zero_landmarks(topology).points
    points[0, topology.measured.rigid, :2] = seen[:, :2] / seen[:, 2:]
    return Landmarks(topology, points)


def open_points(topology: Topology, right: float, left: float, mouth: float) -> F32:
    """Points (1, k, 2) whose eyes and mouth have these ratios of height to width."""
    points = np.zeros((1, topology.count, 2), np.float32)
    marks = topology.measured
    for eye, ratio, x in ((marks.right_eye, right, 10), (marks.left_eye, left, 60)):
        h = ratio * 30 / 2
        shape = [(0, 0), (10, -h), (20, -h), (30, 0), (20, h), (10, h)]
        points[0, list(eye)] = np.add(shape, (x, 20))
    points[0, list(marks.mouth)] = [(30, 80), (70, 80)]
    for i, (upper, lower) in enumerate(marks.lips):
        points[0, [upper, lower]] = [
            (40 + 10 * i, 80 - 20 * mouth),
            (40 + 10 * i, 80 + 20 * mouth),
        ]
    return points


def landmarks_from_xy(topology: Topology, xy: F32) -> Landmarks:
    """Landmarks from points without depth (n, k, 2); the depth is 0 where there is one."""
    depth = np.zeros((*xy.shape[:2], topology.dimensions - 2), np.float32)
    return Landmarks(topology, np.concatenate([xy.astype(np.float32), depth], axis=2))


def mesh_of(networks: Networks, frame_bgr: Frame, *, passes: int = 1) -> Landmarks:
    """The mesh of every face that BlazeFace detects; further passes refine the region."""
    faces = networks.detector("blazeface-full").detect(frame_bgr, min_score=0.5)
    regions = regions_from_boxes(faces.xyxy, faces.keypoints)
    for _ in range(passes - 1):
        regions = regions_from_landmarks(networks.mesh(frame_bgr, regions)[0])
    return networks.mesh(frame_bgr, regions)[0]


@dataclass(slots=True)
class StubClassifier:
    """Stands in for a classifier of face crops.

    Attributes:
        prob: returns the probabilities of so many faces.
        unsure: the thresholds of its card.
        sharpness: of every crop.
        calls: how often it was called.
    """

    prob: Callable[[int], ArrayLike]
    unsure: Unsure = Unsure()  # noqa: RUF009 (frozen)
    sharpness: float = 1.0
    calls: int = 0

    def __call__(self, frame_bgr: Frame, five: F32) -> Scores:
        self.calls += 1
        prob = np.asarray(self.prob(len(five)), np.float32)
        return Scores(prob, np.full(len(five), self.sharpness, np.float32))


def replace_classifier(
    monkeypatch: pytest.MonkeyPatch, attribute: str, classifier: StubClassifier
) -> StubClassifier:
    """Let all networks use this classifier for the attribute, and return it."""
    load = Networks.classifier

    def classifier_of(self: Networks, name: str) -> object:
        return classifier if name == attribute else load(self, name)

    monkeypatch.setattr(Networks, "classifier", classifier_of)
    return classifier
