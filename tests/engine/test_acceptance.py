"""Which detections on a photo count as faces."""

from typing import cast

import cv2
import numpy as np
import pytest

from realtime.core.certainty import UNSEEN_MARGIN
from realtime.core.faces import Faces, Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.engine.acceptance import accept_whole, min_photo_score
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo

BLANK = np.zeros((80, 80, 3), np.uint8)


def face(score: float, presence: float) -> Faces:
    """A detection, and what the mesh says of it."""
    one = Faces.from_boxes([[10, 10, 50, 50]], [score])
    return one.with_(presence=np.array([presence], np.float32))


@pytest.mark.parametrize("name", ["facestream", "facestream-448", "facestream-1600"])
def test_a_face_that_the_mesh_does_not_see_needs_a_better_score(name: str) -> None:
    entry, settings = detector_entry(name), AnalysisSettings(detector=name)
    least = entry.photo_min_score
    assert least == entry.certain_score

    def accepted(score: float, presence: float) -> bool:
        # No second detector is asked, so no networks are needed.
        nobody = cast("Networks", None)
        return bool(accept_whole(nobody, BLANK, face(score, presence), settings, entry, least)[0])

    assert accepted(least + 0.01, 1.0)
    assert not accepted(least - 0.01, 1.0)
    assert accepted(least + UNSEEN_MARGIN + 0.01, 0.0)
    assert not accepted(least + UNSEEN_MARGIN - 0.01, 0.0)


def test_a_chosen_threshold_replaces_the_default(networks: Networks, astronaut: Frame) -> None:
    (score,) = analyze_photo(networks, astronaut).faces.score
    for chosen, faces in ((score - 0.05, 1), (score + 0.02, 0)):  # the mesh sees this face
        settings = AnalysisSettings(min_score=float(chosen))
        assert len(analyze_photo(networks, astronaut, settings).faces) == faces


def test_other_detectors_need_the_mesh_or_a_second_detector(
    networks: Networks, astronaut: Frame
) -> None:
    entry, settings = detector_entry("haar"), AnalysisSettings(detector="haar")
    boxes = [[178, 75, 273, 175], [20, 20, 70, 75], [20, 20, 70, 75]]  # a face, and none
    found = Faces.from_boxes(boxes, [0.2, 0.2, 1.0])
    found = found.with_(presence=np.zeros(3, np.float32))
    accepted = accept_whole(networks, astronaut, found, settings, entry, 0.1)
    assert accepted.tolist() == [True, False, True]
    seen = found.with_(presence=np.ones(3, np.float32))
    assert accept_whole(networks, astronaut, seen, settings, entry, 0.1).all()


@pytest.mark.parametrize("name", ["gravel", "hubble_deep_field", "coffee"])
def test_textures_that_the_detector_takes_for_faces_are_rejected(
    name: str, networks: Networks
) -> None:
    from skimage import data

    picture = np.asarray(getattr(data, name)(), np.uint8)
    code = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
    frame = np.asarray(cv2.cvtColor(picture, code), np.uint8)
    settings = AnalysisSettings()
    variant = detector_entry(settings.detector).photo_variant
    alone = networks.detector(variant).detect(frame, min_score=min_photo_score(settings))
    assert len(alone) > 0
    assert len(analyze_photo(networks, frame, settings).faces) == 0
