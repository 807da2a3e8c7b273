"""MediaPipe's face mesh: 468 points a face, from the network in MediaPipe's wheel.

Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs,
https://arxiv.org/abs/1907.06724.
"""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.inference.litert import LiteRTModel
from realtime.inference.mediapipe_files import FACE_MESH, network_path
from realtime.landmark.region import crop_region, region_matrices

SIDE = 192


class MediaPipeMesh:
    """The mesh network; used by one thread at a time.

    Attributes:
        topology: `MESH468`.
    """

    topology = MESH468

    def __init__(self, *, threads: int = 1) -> None:
        self._network = LiteRTModel(network_path(FACE_MESH), threads=threads)

    def warm_up(self, faces: int) -> None:
        """Allocate and run the network for up to `faces` faces."""
        self._network.warm_up(faces)

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32]:
        """Find the mesh in each region.

        Args:
            frame_bgr: the picture.
            regions: (n, 4), see `realtime.landmark.region`.

        Returns:
            The landmarks in pixels of the frame, and presence (n,): how sure the network is that
            the region shows a face, 0 to 1.
        """
        matrices = region_matrices(regions, SIDE)

        def crop(i: int) -> F32:
            rgb = cv2.cvtColor(crop_region(frame_bgr, matrices[i], SIDE), cv2.COLOR_BGR2RGB)
            scaled: F32 = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
            return scaled[None]

        points, logit = self._network.run_each(len(regions), crop)
        points = points.reshape(-1, MESH468.count, MESH468.dimensions)
        presence: F32 = np.reciprocal(1 + np.exp(-np.clip(logit.reshape(-1), -80, 80)))
        landmarks = np.empty_like(points)
        landmarks[..., :2] = (
            np.einsum("nij,npj->npi", matrices[:, :, :2], points[..., :2]) + matrices[:, None, :, 2]
        )
        landmarks[..., 2] = points[..., 2] * (regions[:, 2:3] / SIDE)
        return Landmarks(MESH468, landmarks), presence
