"""All that is measured from the points of the faces of one frame."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import Faces
from realtime.landmark.openness import eye_openness, mouth_openness
from realtime.landmark.pose import head_pose


def measured(faces: Faces, size_wh: tuple[int, int]) -> Faces:
    """The faces with head pose and with the openness of eyes and mouth.

    Args:
        faces: with landmarks, unless there are none.
        size_wh: of the frame in pixels.
    """
    landmarks = faces.landmarks
    if landmarks is None:
        landmarks = np.zeros((len(faces), 468, 3), np.float32)
    return faces.with_(
        pose_deg=head_pose(landmarks, size_wh),
        eye_open=eye_openness(landmarks),
        mouth_open=mouth_openness(landmarks),
    )
