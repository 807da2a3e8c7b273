"""Faces as `supervision.Detections`, for its annotators, zones and sinks."""

from __future__ import annotations

from typing import Any

import numpy as np

from realtime.core.errors import FaceStreamError
from realtime.core.faces import Faces


def to_detections(faces: Faces) -> Any:
    """See `Faces.to_supervision`.

    Raises:
        FaceStreamError: the package supervision is not installed.
    """
    try:
        from supervision import Detections
    except ImportError as error:
        raise FaceStreamError(
            "Detections need the package supervision: pip install supervision."
        ) from error
    data: dict[str, Any] = {}
    for name, answers in faces.attributes.items():
        known = (answers.label(i) for i in range(len(faces)))
        data[name] = np.array([label[0] if label else "" for label in known], dtype=np.str_)
        data[f"{name}_prob"] = answers.prob
    if faces.landmarks is not None:
        data["landmarks"] = faces.landmarks.points
    return Detections(xyxy=faces.xyxy, confidence=faces.score, tracker_id=faces.track_id, data=data)
