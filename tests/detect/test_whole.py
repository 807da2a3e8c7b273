"""Large photos are scaled down for multi-scale detectors, and the boxes scaled back."""

import numpy as np
import pytest

from realtime.core.faces import Faces, Frame
from realtime.detect.whole import detect_whole


class LowerRightDetector:
    """Reports the lower right quarter of each picture as a face."""

    def __init__(self, points: bool) -> None:
        self.points, self.seen = points, (0, 0)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        height, width = frame_bgr.shape[:2]
        self.seen = (width, height)
        faces = Faces.from_boxes([[width / 2, height / 2, width, height]])
        eye = np.array([[[width / 2, height / 2]]], np.float32)
        return faces.with_(keypoints=eye) if self.points else faces


@pytest.mark.parametrize("points", [True, False])
@pytest.mark.parametrize(
    ("size", "seen"), [((90, 70), (90, 70)), ((300, 77), (100, 26)), ((4, 1000), (1, 100))]
)
def test_boxes_are_in_pixels_of_the_original(
    points: bool, size: tuple[int, int], seen: tuple[int, int]
) -> None:
    detector, (width, height) = LowerRightDetector(points), size
    faces = detect_whole(
        detector, np.zeros((height, width, 3), np.uint8), min_score=0.5, max_side_px=100
    )
    assert detector.seen == seen
    np.testing.assert_allclose(faces.xyxy, [[width / 2, height / 2, width, height]], rtol=1e-5)
    if points:
        np.testing.assert_allclose(faces.keypoints, [[[width / 2, height / 2]]], rtol=1e-5)
    else:
        assert faces.keypoints is None
