"""Which detections on a photo are accepted as faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame
from realtime.core.certainty import certainty
from realtime.core.faces import Faces
from realtime.core.settings import AnalysisSettings
from realtime.detect import DetectorEntry, detector_entry
from realtime.detect.second_opinion import second_opinion
from realtime.engine.networks import Networks

# A face is accepted when the mesh network is sure of it and the detector found it more than once or
# with a good score. Where the mesh is in doubt, as often under a mask, a second detector runs.
# Scores and agreements are multiples of the minimum score, so that a user's choice moves them all.
# Chosen on parts of wider_train, mask_scenes train and scenes_without_faces.
SURE_PRESENCE, MIN_PRESENCE, DOUBTFUL_PRESENCE = 0.97, 0.7, 0.2
SURE_ABOVE = 0.1  # this far above the minimum score, one detection is enough if the mesh agrees
SEEN_AGREEMENT = 2.0  # or this much agreement between detections
ALONE_AGREEMENT = 3.0  # or this much, if the mesh disagrees
# The second detector's score from which it confirms a face that the mesh sees, one detected
# repeatedly, and one that is in doubt everywhere.
SECOND_SEEN, SECOND_AGREED, SECOND_DOUBTFUL = 0.3, 0.45, 0.6
SECOND_OF = {"blazeface-short": "blazeface-full", "blazeface-full": "blazeface-short"}
# For the others, which report each face once; and the score from which it confirms a face.
DEFAULT_SECOND, SECOND_WHOLE = "facestream-448", 0.5


def min_photo_score(settings: AnalysisSettings) -> float:
    """The score from which a detection counts on a photo or a tile of it."""
    if settings.min_score is not None:
        return settings.min_score
    entry = detector_entry(settings.detector)
    return (detector_entry(entry.photo_variant) if entry.photo_variant else entry).photo_min_score


def accept_tiled(
    networks: Networks, frame_bgr: Frame, faces: Faces, agreement: F32, settings: AnalysisSettings
) -> NDArray[np.bool_]:
    """Which faces, detected on a picture and its tiles, are accepted: (n,)."""
    presence, least = faces.presence, min_photo_score(settings)
    assert presence is not None
    strong = (faces.score >= least + SURE_ABOVE) | (agreement >= SEEN_AGREEMENT * least)
    accepted = strong & (presence >= SURE_PRESENCE)
    asked = np.flatnonzero(strong & ~accepted)
    second = _second_scores(networks, frame_bgr, faces, asked, settings)
    accepted |= strong & (presence >= MIN_PRESENCE) & (second >= SECOND_SEEN)
    accepted |= (agreement >= ALONE_AGREEMENT * least) & (second >= SECOND_AGREED)
    doubtful = (agreement >= SEEN_AGREEMENT * least) & (presence >= DOUBTFUL_PRESENCE)
    accepted |= doubtful & (second >= SECOND_DOUBTFUL)
    return accepted


def accept_whole(
    networks: Networks,
    frame_bgr: Frame,
    faces: Faces,
    settings: AnalysisSettings,
    entry: DetectorEntry,
    least: float,
) -> NDArray[np.bool_]:
    """Which faces of a detector that reports each face once are accepted: (n,).

    Our own are accepted by their `certainty`. Others are if the detector is sure of them
    itself, or the mesh sees them, or a second detector does.

    Args:
        networks: creates the second detector.
        frame_bgr: (h, w, 3) uint8.
        faces: the detections, with the presence of the mesh.
        settings: how; the chosen detector decides which one is second.
        entry: the detector that ran: the chosen one or its variant for photos.
        least: its threshold.
    """
    presence = faces.presence
    assert presence is not None
    if entry.certain_score is not None:
        return np.asarray(certainty(faces.score, presence) >= least)
    accepted = (faces.score >= entry.high_precision_score) | (presence >= MIN_PRESENCE)
    asked = np.flatnonzero(~accepted)
    accepted |= _second_scores(networks, frame_bgr, faces, asked, settings) >= SECOND_WHOLE
    return accepted


def _second_scores(
    networks: Networks,
    frame_bgr: Frame,
    faces: Faces,
    asked: NDArray[np.intp],
    settings: AnalysisSettings,
) -> F32:
    """A second detector's score for the faces at these positions: (n,), 0 for the others."""
    other = networks.detector(SECOND_OF.get(settings.detector, DEFAULT_SECOND))
    second = np.zeros(len(faces), np.float32)
    second[asked] = second_opinion(other, frame_bgr, faces[asked])
    return second
