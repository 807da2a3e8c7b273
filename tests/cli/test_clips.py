"""Real clips through the whole pipeline; their contents were annotated by eye."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.video import VideoReader

pytestmark = pytest.mark.data


def track_ids(networks: Networks, path: Path) -> list[list[int]]:
    """The track ids in each frame of a clip."""
    pipeline, ids = Pipeline(networks), []
    with VideoReader(path) as reader:
        for frame in reader:
            faces = pipeline.process(frame.frame_bgr, frame.time_s).faces
            ids.append([] if faces.track_id is None else faces.track_id.tolist())
    return ids


def test_two_people_keep_their_track_ids(networks: Networks, data_dir: Path) -> None:
    """Both faces are fully visible in all 140 frames."""
    ids = track_ids(networks, data_dir / "clips" / "two_people_tilting.mp4")
    assert len(ids) == 140
    assert len({id_ for frame in ids for id_ in frame}) == 2
    assert sum(len(frame) == 2 for frame in ids) >= 0.95 * 140


@pytest.mark.parametrize(
    ("clip", "count", "face_frames"),
    [
        ("face_leaves.mp4", 192, range(0, 72)),  # then black, then a title on a blue sky
        ("face_appears.mp4", 765, range(473, 761)),  # before that the title, after it black
    ],
)
def test_no_false_positives_in_frames_without_a_face(
    networks: Networks, data_dir: Path, clip: str, count: int, face_frames: range
) -> None:
    ids = track_ids(networks, data_dir / "clips" / clip)
    assert len(ids) == count
    false_positives = [i for i, frame in enumerate(ids) if frame and i not in face_frames]
    assert false_positives == []
    shown = [i for i in face_frames if len(ids[i]) == 1]
    assert len(shown) >= 0.95 * len(face_frames)
    assert len({id_ for i in shown for id_ in ids[i]}) == 1


@pytest.mark.parametrize("name", ["man", "woman", "glasses"])
def test_labels_of_expressive_faces_change_seldom(
    name: str, networks: Networks, data_dir: Path
) -> None:
    """Without labels that hold, they change 4, 12 and 13 times, mostly by way of "unsure"."""
    pipeline, labels = Pipeline(networks), []
    with VideoReader(data_dir / "clips" / f"expressions_{name}.mp4") as reader:
        for frame in reader:
            answer = pipeline.process(frame.frame_bgr, frame.time_s).faces.label("emotion", 0)
            labels += [answer[0]] if answer else []
    assert sum(a != b for a, b in pairwise(labels)) <= 6
