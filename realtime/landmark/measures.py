"""Head pose, eyes and mouth, measured from the landmarks of one frame."""

from __future__ import annotations

from realtime.core.faces import Faces
from realtime.core.landmarks import MESH468, Landmarks
from realtime.landmark.openness import eye_openness, mouth_openness
from realtime.landmark.pose import head_pose


def measure(faces: Faces, size_wh: tuple[int, int]) -> Faces:
    """The faces with head pose and with the openness of eyes and mouth.

    Args:
        faces: with landmarks, unless there are none.
        size_wh: of the frame in pixels.
    """
    landmarks = faces.landmarks
    if landmarks is None:
        landmarks = Landmarks.empty(MESH468)
    return faces.with_(
        pose_deg=head_pose(landmarks, size_wh),
        eye_open=eye_openness(landmarks),
        mouth_open=mouth_openness(landmarks),
    )
