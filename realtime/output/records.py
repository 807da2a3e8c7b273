"""Results as dictionaries, ready for JSON. Their keys are a contract: they only grow."""

from __future__ import annotations

from typing import Any

import numpy as np

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import Answers
from realtime.core.faces import Faces, FrameResult
from realtime.core.landmarks import Landmarks


def photo_record(path: str, result: FrameResult) -> dict[str, Any]:
    """One picture's result; boxes and points in pixels of the upright picture."""
    return {
        "path": path,
        "width": result.size_wh[0],
        "height": result.size_wh[1],
        "faces": [face_record(result.faces, i) for i in range(len(result.faces))],
        "timings_ms": {stage: round(ms, 2) for stage, ms in result.timings_ms.items()},
    }


def frame_record(path: str, frame: int, result: FrameResult) -> dict[str, Any]:
    """One video frame's result: as a photo's, with the frame's number and time."""
    record = photo_record(path, result)
    return {
        "path": record.pop("path"),
        "frame": frame,
        "time_s": round(result.time_s, 4),
        **record,
    }


def face_record(faces: Faces, i: int) -> dict[str, Any]:
    """Face i; null stands for what was not run or is not known yet.

    Attributes that are off by default, and `pose` (degrees), `eyes_open`, `mouth_open`, `gaze` and
    `blinks`, are keys only where they were requested; a photo has no blinks.
    """
    record: dict[str, Any] = {}
    if faces.track_id is not None:
        record["track_id"] = int(faces.track_id[i])
    record["box"] = [round(float(v), 1) for v in faces.xyxy[i]]
    record["score"] = round(float(faces.score[i]), 4)
    record["landmarks"] = _landmarks(faces.landmarks, i)
    for name, attribute in ATTRIBUTES.items():
        if name in faces.attributes:
            record[name] = _answer(faces.attributes[name], i)
            masked = faces.masked is not None and bool(faces.masked[i])
            if attribute.mask_sensitive and masked and record[name] is not None:
                record[name]["masked"] = True
        elif attribute.default_on:
            record[name] = None
    return record | _measures(faces, i)


def _answer(answers: Answers, i: int) -> dict[str, Any] | None:
    answer = answers.label(i)
    if answer is None:
        return None
    prob = zip(answers.labels, answers.prob[i], strict=True)
    record = {"label": answer[0], "probs": {name: round(float(p), 4) for name, p in prob}}
    doubts = [str(doubt.name).lower() for doubt in answers.doubts(i)]
    return record | {"doubts": doubts} if doubts else record


def _measures(faces: Faces, i: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if faces.pose_deg is not None:
        pose = faces.pose_deg[i]
        angles = zip(("yaw", "pitch", "roll"), pose, strict=True)
        known = bool(np.isfinite(pose).all())
        record["pose"] = {name: round(float(v), 1) for name, v in angles} if known else None
    if faces.eye_open is not None:
        record["eyes_open"] = [round(float(v), 3) for v in faces.eye_open[i]]
    if faces.mouth_open is not None:
        record["mouth_open"] = round(float(faces.mouth_open[i]), 3)
    if faces.gaze_deg is not None:
        yaw, pitch = faces.gaze_deg[i].tolist()
        record["gaze"] = {"yaw": round(yaw, 1), "pitch": round(pitch, 1)}
    if faces.blinks is not None:
        record["blinks"] = int(faces.blinks[i])
    return record


def _landmarks(landmarks: Landmarks | None, i: int) -> dict[str, Any] | None:
    if landmarks is None:
        return None
    # All at once takes a tenth of the time, and in float64 it rounds as Python does.
    points = np.round(landmarks.xy[i].astype(np.float64), 1).tolist()
    return {"model": landmarks.topology.name, "points": points}
