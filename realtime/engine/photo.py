"""All faces of one still picture, which deserves more effort than a frame of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces, Frame, FrameResult
from realtime.core.geometry import overlap_of_smaller
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.detect.second_opinion import second_opinion
from realtime.detect.tiles import detect_tiled
from realtime.detect.whole import detect_whole
from realtime.engine.networks import Networks
from realtime.landmark.measures import measured
from realtime.landmark.region import (
    boxes_from_landmarks,
    regions_from_boxes,
    regions_from_landmarks,
)

MAX_FACES = 500  # a photograph of a crowd is no stream: report all that can be told apart
CANDIDATE_SCORE = 0.3  # weaker answers count as agreement, never as a face of their own
# A face is believed when the mesh network is sure of it and the detector is not alone in a single
# weak answer. Where the mesh is in doubt, as it often is under a mask, a second detector is asked.
# Scores and agreements are multiples of the least score, so that a user's choice moves them all.
# Chosen on parts of wider_train, mask_scenes train and scenes_without_faces.
SURE_PRESENCE, MIN_PRESENCE, DOUBTFUL_PRESENCE = 0.97, 0.7, 0.2
SURE_ABOVE = 0.1  # this much over the least score one answer is enough, with the mesh's word
SEEN_AGREEMENT = 2.0  # or so much agreement
ALONE_AGREEMENT = 3.0  # without the mesh's word
# The second detector's score from which it confirms a face that the mesh sees, one that was found
# again and again, and one of which all are in doubt.
SECOND_SEEN, SECOND_AGREED, SECOND_DOUBTFUL = 0.3, 0.45, 0.6
SECOND = {"blazeface-short": "blazeface-full"}
USUAL_SECOND = "blazeface-short"
MESH_BOX_PRESENCE = 0.5  # from here on the mesh's box is tighter and steadier than the detector's
SAME_MESH = 0.5  # of the smaller box within the other: a part of a face, or one found twice


def analyze_photo(
    networks: Networks,
    frame_bgr: Frame,
    settings: AnalysisSettings,
    *,
    now_s: float = 0.0,
    thorough: bool = True,
) -> FrameResult:
    """Find, mesh and classify the faces of a still picture.

    Args:
        networks: what to run.
        frame_bgr: (h, w, 3) uint8.
        settings: `max_faces` holds here too; pass `MAX_FACES` for all of a crowd.
        now_s: copied into the result.
        thorough: search parts of the picture too, for small faces; else only the whole.

    Returns:
        The faces from left to right, with landmarks, presence and what the settings ask for, and
        milliseconds for detect, mesh, classify, landmarks and total.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "total"):
        with _timed(timings, "detect"):
            # The scores of the detector that is asked hold, not of the one that was chosen.
            still = detector_entry(settings.detector).photo_variant if thorough else ""
            name = still or settings.detector
            entry = detector_entry(name)
            least = entry.photo_min_score if settings.min_score is None else settings.min_score
            if entry.multi_scale:
                detector = networks.detector(name)
                faces = detect_whole(
                    detector, frame_bgr, min_score=least, max_side_px=entry.photo_max_side_px
                )
                agreement = faces.score
            elif thorough:
                weak = min(CANDIDATE_SCORE, least)
                faces, agreement = detect_tiled(networks.detectors(name), frame_bgr, min_score=weak)
                strong = faces.score >= least
                faces, agreement = faces[strong], agreement[strong]
            else:
                faces = networks.detector(name).detect(frame_bgr, min_score=least)
                agreement = faces.score
        with _timed(timings, "mesh"):
            faces = _mesh(networks, frame_bgr, faces)
            believed = (
                _confirmed(networks, frame_bgr, faces, settings, entry.high_precision_score)
                if entry.multi_scale
                else _believed(networks, frame_bgr, faces, agreement, settings)
            )
            faces = _once(faces[believed], agreement[believed])
            faces = faces[_in_order(faces.xyxy, settings.max_faces)]
        with _timed(timings, "classify"):
            faces = networks.classify(frame_bgr, faces, settings)
        with _timed(timings, "landmarks"):
            points = networks.other_points(frame_bgr, faces, settings)
            if settings.measures:
                faces = measured(faces, (frame_bgr.shape[1], frame_bgr.shape[0]))
            if settings.gaze and faces.landmarks is not None:
                faces = faces.with_(gaze_deg=networks.iris(frame_bgr, faces.landmarks))
            faces = faces if points is None else faces.with_(landmarks=points)
    height, width = frame_bgr.shape[:2]
    return FrameResult(faces, (width, height), now_s, timings)


def _mesh(networks: Networks, frame_bgr: Frame, faces: Faces) -> Faces:
    """The faces with their mesh, found twice: the first gives the region for the second."""
    first, first_presence = networks.mesh(
        frame_bgr, regions_from_boxes(faces.xyxy, faces.keypoints)
    )
    second, second_presence = networks.mesh(frame_bgr, regions_from_landmarks(first))
    better = second_presence >= first_presence
    return faces.with_(
        landmarks=np.where(better[:, None, None], second, first),
        presence=np.maximum(first_presence, second_presence),
    )


def _believed(
    networks: Networks, frame_bgr: Frame, faces: Faces, agreement: F32, settings: AnalysisSettings
) -> NDArray[np.bool_]:
    """Which faces, found on a picture and its tiles, are true by all signs: (n,)."""
    presence, least = faces.presence, settings.least_photo_score
    assert presence is not None
    strong = (faces.score >= least + SURE_ABOVE) | (agreement >= SEEN_AGREEMENT * least)
    believed = strong & (presence >= SURE_PRESENCE)
    asked = np.flatnonzero(strong & ~believed)
    second = _second(networks, frame_bgr, faces, asked, settings)
    believed |= strong & (presence >= MIN_PRESENCE) & (second >= SECOND_SEEN)
    believed |= (agreement >= ALONE_AGREEMENT * least) & (second >= SECOND_AGREED)
    doubtful = (agreement >= SEEN_AGREEMENT * least) & (presence >= DOUBTFUL_PRESENCE)
    believed |= doubtful & (second >= SECOND_DOUBTFUL)
    return believed


def _confirmed(
    networks: Networks,
    frame_bgr: Frame,
    faces: Faces,
    settings: AnalysisSettings,
    sure_score: float,
) -> NDArray[np.bool_]:
    """Which faces of a detector that answers once for each are true: (n,).

    It is sure of them itself, or the mesh sees them, or a second detector does.
    """
    presence = faces.presence
    assert presence is not None
    believed = (faces.score >= sure_score) | (presence >= MIN_PRESENCE)
    asked = np.flatnonzero(~believed)
    believed |= _second(networks, frame_bgr, faces, asked, settings) >= SECOND_AGREED
    return believed


def _second(
    networks: Networks,
    frame_bgr: Frame,
    faces: Faces,
    asked: NDArray[np.intp],
    settings: AnalysisSettings,
) -> F32:
    """What a second detector says of the faces at these positions: (n,), 0 for the others."""
    other = networks.detector(SECOND.get(settings.detector, USUAL_SECOND))
    second = np.zeros(len(faces), np.float32)
    second[asked] = second_opinion(other, frame_bgr, faces[asked])
    return second


def _once(faces: Faces, agreement: F32) -> Faces:
    """The faces, each once, boxed by the mesh where that is sure."""
    landmarks, presence = faces.landmarks, faces.presence
    assert landmarks is not None
    assert presence is not None
    sure = (presence >= MESH_BOX_PRESENCE)[:, None]
    faces = faces.with_(xyxy=np.where(sure, boxes_from_landmarks(landmarks), faces.xyxy))
    # Two boxes on one face, too different to be merged before, have met on the same mesh, or one
    # of them on a part of the face.
    order = np.argsort(-agreement, kind="stable")
    same = overlap_of_smaller(faces.xyxy[order], faces.xyxy[order]) > SAME_MESH
    alive = np.ones(len(order), bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~same[i, i + 1 :]
    return faces[order[alive]]


def _in_order(xyxy: F32, max_faces: int) -> NDArray[np.intp]:
    """Positions of the largest faces, from left to right."""
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    largest = np.argsort(-area, kind="stable")[:max_faces]
    return largest[np.argsort(xyxy[largest, 0], kind="stable")]


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    timings[stage] = (perf_counter() - start) * 1e3
