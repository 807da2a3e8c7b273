"""All faces of one photo, with more effort than for a frame of a stream."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.geometry import overlap_of_smaller
from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.detect.suppress import greedy_keep
from realtime.detect.tiles import detect_tiled
from realtime.detect.whole import detect_whole
from realtime.engine.acceptance import accept_tiled, accept_whole
from realtime.engine.networks import Networks
from realtime.engine.stages import timed
from realtime.landmark.measures import measure
from realtime.landmark.region import boxes_from_landmarks, regions_from_boxes
from realtime.landmark.settled import settled_mesh
from realtime.landmark.types import Follower

MAX_FACES = 500  # a photo of a crowd is not a stream: report all faces that can be separated
CANDIDATE_SCORE = 0.3  # weaker answers count as agreement, never as a face of their own
MESH_BOX_PRESENCE = 0.5  # from here the mesh's box is tighter and steadier than the detector's
# Of the smaller box: a part of a face, or one found twice. Less where the mesh sees no face.
SAME_FACE_OVERLAP, UNSEEN_OVERLAP = 0.5, 0.35


def analyze_photo(
    networks: Networks,
    frame_bgr: Frame,
    settings: AnalysisSettings | None = None,
    *,
    now_s: float = 0.0,
    thorough: bool = True,
) -> FrameResult:
    """Detect, mesh and classify the faces of a photo.

    Args:
        networks: what to run.
        frame_bgr: (h, w, 3) uint8.
        settings: how; `max_faces` applies here too: pass `MAX_FACES` for a whole crowd.
        now_s: copied into the result.
        thorough: whether parts of the picture are searched too, for small faces.

    Returns:
        The faces from left to right, with landmarks, presence and what the settings ask for, and
        milliseconds for detect, mesh, classify, landmarks and total.

    Example:
        >>> result = analyze_photo(Networks(), np.zeros((240, 320, 3), np.uint8))
        >>> len(result.faces)
        0
    """
    settings = settings or AnalysisSettings(max_faces=MAX_FACES)
    timings: dict[str, float] = {}
    with timed(timings, "total"):
        with timed(timings, "detect"):
            # The thresholds of the detector that runs apply, not those of the chosen one.
            variant = detector_entry(settings.detector).photo_variant if thorough else ""
            name = variant or settings.detector
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
        with timed(timings, "mesh"):
            faces = with_mesh(networks.follower(settings), frame_bgr, faces)
            accepted = (
                accept_whole(networks, frame_bgr, faces, settings, entry, least)
                if entry.multi_scale
                else accept_tiled(networks, frame_bgr, faces, agreement, settings)
            )
            faces = _without_duplicates(faces[accepted], agreement[accepted])
            faces = faces[_order(faces.xyxy, settings.max_faces)]
        with timed(timings, "classify"):
            faces = networks.classify(frame_bgr, faces, settings)
        with timed(timings, "landmarks"):
            other = networks.other_landmarks(frame_bgr, faces, settings)
            if settings.measures:
                faces = measure(faces, (frame_bgr.shape[1], frame_bgr.shape[0]))
            if settings.gaze and faces.landmarks is not None:
                faces = faces.with_(gaze_deg=networks.iris(frame_bgr, faces.landmarks))
            faces = faces if other is None else faces.with_(landmarks=other)
    height, width = frame_bgr.shape[:2]
    return FrameResult(faces, (width, height), now_s, timings)


def with_mesh(follower: Follower, frame_bgr: Frame, faces: Faces) -> Faces:
    """The faces with their mesh and its presence.

    Args:
        follower: finds the mesh and its presence in each region.
        frame_bgr: (h, w, 3) uint8.
        faces: n faces with boxes.
    """
    regions = regions_from_boxes(faces.xyxy, faces.keypoints)
    landmarks, presence = settled_mesh(follower, frame_bgr, regions)
    return faces.with_(landmarks=landmarks, presence=presence)


def _without_duplicates(faces: Faces, agreement: F32) -> Faces:
    """The faces without duplicates, boxed by the mesh where that is sure."""
    landmarks, presence = faces.landmarks, faces.presence
    assert landmarks is not None
    assert presence is not None
    sure = (presence >= MESH_BOX_PRESENCE)[:, None]
    faces = faces.with_(xyxy=np.where(sure, boxes_from_landmarks(landmarks), faces.xyxy))
    # Two boxes of one face that were too different to be merged before may have led to the same
    # mesh, or one of them may lie on a part of the face.
    order = np.argsort(-agreement, kind="stable")
    seen = presence[order] >= MESH_BOX_PRESENCE
    max_overlap = np.where(seen[:, None] & ~seen, UNSEEN_OVERLAP, SAME_FACE_OVERLAP)
    same = overlap_of_smaller(faces.xyxy[order], faces.xyxy[order]) > max_overlap
    return faces[order[greedy_keep(same)]]


def _order(xyxy: F32, max_faces: int) -> NDArray[np.intp]:
    """Positions of the largest faces, from left to right."""
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    largest = np.argsort(-area, kind="stable")[:max_faces]
    return largest[np.argsort(xyxy[largest, 0], kind="stable")]
