"""The mesh of still pictures: several passes, and the last that still sees the face."""

import numpy as np
import pytest

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.engine.networks import Networks
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.landmark.settled import PASSES, settled_mesh

BLANK = np.zeros((8, 8, 3), np.uint8)


class Moves:
    """A mesh that lies further right with each pass, with the presences given for each."""

    topology = MESH468

    def __init__(self, *presences: list[float]) -> None:
        self._presences = presences
        self.regions: list[F32] = []

    def warm_up(self, faces: int) -> None:
        """Nothing to prepare."""

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32]:
        self.regions.append(regions)
        step = len(self.regions)
        shape = np.random.default_rng(0).uniform(0, 50, (1, 468, 3)) + 100 * step
        points = np.repeat(shape, len(regions), axis=0).astype(np.float32)
        return Landmarks(MESH468, points), np.array(self._presences[step - 1], np.float32)


def regions(n: int) -> F32:
    return np.tile(np.array([50, 50, 40, 0], np.float32), (n, 1))


def test_the_last_pass_counts_even_where_an_earlier_one_was_surer() -> None:
    mesh = Moves([0.7], [0.99], [0.6])
    landmarks, presence = settled_mesh(mesh, BLANK, regions(1))
    assert landmarks.points.min() >= 100 * PASSES
    assert presence == pytest.approx([0.99])


def test_a_pass_that_left_the_face_does_not_count() -> None:
    mesh = Moves([0.7, 0.9], [0.8, 0.9], [0.1, 0.9])
    landmarks, presence = settled_mesh(mesh, BLANK, regions(2))
    assert 200 <= landmarks.points[0].min() < 300
    assert landmarks.points[1].min() >= 300
    assert presence == pytest.approx([0.8, 0.9])


def test_each_pass_runs_where_the_one_before_found_the_face() -> None:
    mesh = Moves([0.7], [0.7], [0.7])
    settled_mesh(mesh, BLANK, regions(1))
    assert mesh.regions[0] == pytest.approx(regions(1))
    assert [round(float(at[0, 0]), -2) for at in mesh.regions[1:]] == [100, 200]


def test_no_faces_have_no_mesh() -> None:
    landmarks, presence = settled_mesh(Moves([], [], []), BLANK, regions(0))
    assert len(landmarks) == len(presence) == 0


def test_a_coarse_box_leads_to_the_mesh_of_a_followed_face(
    astronaut: Frame, networks: Networks
) -> None:
    around = regions_from_boxes(np.array([[150, 40, 320, 230]], np.float32))
    followed, _ = networks.mesh(astronaut, around)
    for _ in range(20):
        followed, _ = networks.mesh(astronaut, regions_from_landmarks(followed))
    once, _ = networks.mesh(astronaut, around)
    settled, presence = settled_mesh(networks.mesh, astronaut, around)
    first, last = (np.abs(m.xy - followed.xy).mean() for m in (once, settled))
    assert presence > 0.9
    assert last < 0.5 * first
