"""What the running system calls the faces of a real clip, frame by frame, after smoothing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from realtime.core.faces import Faces
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.video import VideoReader

BARE = "hand_over_face.mp4"  # one person, bare, whose hand passes over the face


def mask_answers(path: Path, *, unsure: bool, limit: int | None = None) -> dict[str, int]:
    """How many frames of a clip hold a face that is called so, by the mask's label.

    Args:
        path: the clip.
        unsure: whether answers may be unsure.
        limit: the frames to look at; None for all.

    Returns:
        Counts by label, `unsure` among them, `no face`, and `frames`, the number of all.
    """
    pipeline = Pipeline(Networks(), AnalysisSettings(emotion=False, unsure=unsure))
    counts: Counter[str] = Counter()
    with VideoReader(path) as video:
        for frame in islice(video, limit):
            counts["frames"] += 1
            faces = pipeline.process(frame.frame_bgr, frame.time_s).faces
            counts.update(_labels(faces) or {"no face"})
    return dict(counts)


def _labels(faces: Faces) -> set[str]:
    """The mask's labels of a frame's faces."""
    named = (faces.mask_of(i) for i in range(len(faces)))
    return {answer[0] for answer in named if answer is not None}
