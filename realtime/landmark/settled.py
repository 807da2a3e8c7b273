"""The mesh of a still picture, where no frames before tell where exactly a face is."""

from __future__ import annotations

import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import Landmarks
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.types import Follower

PASSES = 3
MIN_PRESENCE = 0.5  # below, a pass may have left the face


def settled_mesh(follower: Follower, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32]:
    """Find the mesh several times, each time in the region that the mesh before gives.

    The last pass is the most accurate, unless it has left the face: then the one of the highest
    presence counts.

    Args:
        follower: finds the mesh and its presence in each region.
        frame_bgr: (h, w, 3) uint8.
        regions: (n, 4), the first, see `realtime.landmark.region`.

    Returns:
        The landmarks of n faces, and the highest presence (n,) of all passes.
    """
    passes = [follower(frame_bgr, regions)]
    while len(passes) < PASSES:
        passes.append(follower(frame_bgr, regions_from_landmarks(passes[-1][0])))
    presences = np.stack([presence for _, presence in passes])
    chosen = np.where(presences[-1] >= MIN_PRESENCE, PASSES - 1, presences.argmax(axis=0))
    points = np.stack([landmarks.points for landmarks, _ in passes])
    return (
        Landmarks(follower.topology, points[chosen, np.arange(len(chosen))]),
        np.asarray(presences.max(axis=0), np.float32),
    )
