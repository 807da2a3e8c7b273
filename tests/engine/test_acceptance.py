"""Which detections on a photo count as faces."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from realtime.core.certainty import UNSEEN_MARGIN
from realtime.core.faces import Faces, Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.engine.acceptance import accept_whole
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo

BLANK = np.zeros((80, 80, 3), np.uint8)


def face(score: float, presence: float) -> Faces:
    """A detection, and what the mesh says of it."""
    one = Faces.from_boxes([[10, 10, 50, 50]], [score])
    return one.with_(presence=np.array([presence], np.float32))


@pytest.mark.parametrize("name", ["facestream", "facestream-448", "facestream-1600"])
@pytest.mark.parametrize("chosen", [None, 0.3])
def test_a_face_that_the_mesh_does_not_see_needs_a_better_score(
    name: str, chosen: float | None
) -> None:
    entry, settings = detector_entry(name), AnalysisSettings(detector=name, min_score=chosen)
    assert entry.certain_score is not None
    least = chosen or entry.certain_score

    def accepted(score: float, presence: float) -> bool:
        # No second detector is asked, so no networks are needed.
        nobody = cast("Networks", None)
        return bool(accept_whole(nobody, BLANK, face(score, presence), settings, entry)[0])

    assert accepted(least + 0.01, 1.0)
    assert not accepted(least - 0.01, 1.0)
    assert accepted(least + UNSEEN_MARGIN + 0.01, 0.0)
    assert not accepted(least + UNSEEN_MARGIN - 0.01, 0.0)


def test_other_detectors_need_the_mesh_or_a_second_detector(
    networks: Networks, astronaut: Frame
) -> None:
    entry, settings = detector_entry("haar"), AnalysisSettings(detector="haar")
    boxes = [[178, 75, 273, 175], [20, 20, 70, 75], [20, 20, 70, 75]]  # a face, and none
    found = Faces.from_boxes(boxes, [0.2, 0.2, 1.0])
    found = found.with_(presence=np.zeros(3, np.float32))
    assert accept_whole(networks, astronaut, found, settings, entry).tolist() == [True, False, True]
    seen = found.with_(presence=np.ones(3, np.float32))
    assert accept_whole(networks, astronaut, seen, settings, entry).all()


def test_noise_is_no_face_even_at_a_low_threshold(networks: Networks) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    settings = replace(AnalysisSettings(), min_score=0.35)
    assert len(analyze_photo(networks, noise, settings).faces) == 0
