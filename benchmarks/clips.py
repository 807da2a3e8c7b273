"""Mask labels of the live pipeline on a real clip, frame by frame and after smoothing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from realtime.attribute.registry import MASK
from realtime.core.faces import Faces
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.video import VideoReader

BARE_FACE_CLIP = "hand_over_face.mp4"  # one person without a mask, who moves a hand over the face


def count_mask_labels(path: Path, *, unsure: bool, limit: int | None = None) -> dict[str, int]:
    """Count the frames of a clip that show a face with each mask label.

    Args:
        path: The clip.
        unsure: Whether faces may be labelled as unsure.
        limit: Maximum number of frames; None for all.

    Returns:
        Number of frames by label, including `unsure` and `no face`, and the total as `frames`.
    """
    pipeline = Pipeline(
        Networks(), AnalysisSettings(attributes=frozenset({MASK.name}), unsure=unsure)
    )
    counts: Counter[str] = Counter()
    with VideoReader(path) as video:
        for frame in islice(video, limit):
            counts["frames"] += 1
            faces = pipeline.process(frame.frame_bgr, frame.time_s).faces
            counts.update(_mask_labels(faces) or {"no face"})
    return dict(counts)


def _mask_labels(faces: Faces) -> set[str]:
    results = (faces.label(MASK.name, i) for i in range(len(faces)))
    return {result[0] for result in results if result is not None}
