"""How often the label of an emotion changes on clips of expressive faces, as a stream shows it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from realtime.attribute.registry import EMOTION
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.video import VideoReader

CLIPS = ("expressions_man", "expressions_woman", "expressions_glasses")  # one person each


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelChanges:
    """The labels of one clip's face.

    Attributes:
        clip: Name of the clip.
        seconds: From the first label to the end.
        changes: How often the label changed, "unsure" included.
        per_10_s: The same in 10 s.
        shortest_s: Duration of the shortest label between two changes; None if there is none.
    """

    clip: str
    seconds: float
    changes: int
    per_10_s: float
    shortest_s: float | None


def label_changes(path: Path, networks: Networks) -> LabelChanges:
    """Analyse each frame of a clip and count.

    Raises:
        ValueError: No face is found in the clip.
    """
    pipeline = Pipeline(
        networks, AnalysisSettings(attributes=frozenset({EMOTION.name})), refresh_clear=False
    )
    starts: list[tuple[float, str]] = []  # of each label
    end_s = 0.0
    with VideoReader(path) as video:
        for frame in video:
            faces = pipeline.process(frame.frame_bgr, frame.time_s).faces
            answer = faces.label(EMOTION.name, 0) if len(faces) else None
            end_s = frame.time_s
            if answer is not None and (not starts or answer[0] != starts[-1][1]):
                starts.append((end_s, answer[0]))
    if not starts:
        raise ValueError(f"{path.name} shows no face.")
    lengths_s = [after - before for (before, _), (after, _) in pairwise(starts)]
    seconds = end_s - starts[0][0]
    changes = len(starts) - 1
    return LabelChanges(
        clip=path.stem,
        seconds=round(seconds, 1),
        changes=changes,
        per_10_s=round(changes / seconds * 10, 1),
        shortest_s=round(min(lengths_s[1:]), 2) if lengths_s[1:] else None,
    )
