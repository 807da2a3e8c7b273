"""Head pose, mouth opening and blinks on real clips, which were annotated by eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.video import VideoReader

pytestmark = pytest.mark.data

# expressions_man.mp4: the frames in which both eyes are closed. From 298 to 306 they are slightly
# open; from 520 to 532 they are closed except for a slit at 528.
EYES_CLOSED = (
    *((10, 17), (36, 45), (142, 144), (194, 196), (292, 298), (306, 310), (363, 370)),
    *((380, 390), (420, 430), (448, 453), (484, 490), (498, 500), (520, 532), (554, 564)),
)
MAX_DELAY = 8  # frames until the eyes are open again and the blink is counted

Row = tuple[int, int, float, float, float, float, int]


def measurements(networks: Networks, path: Path, *, mirror: bool = False) -> NDArray[np.float64]:
    """One row per face and frame: frame, track id, yaw, pitch, roll, mouth, blinks."""
    settings = AnalysisSettings(attributes=frozenset(), measures=True)
    pipeline, rows = Pipeline(networks, settings), list[Row]()
    with VideoReader(path) as reader:
        for frame in reader:
            picture = frame.frame_bgr[:, ::-1].copy() if mirror else frame.frame_bgr
            faces = pipeline.process(picture, frame.time_s).faces
            if not len(faces):
                continue
            assert faces.track_id is not None
            assert faces.pose_deg is not None
            assert faces.mouth_open is not None
            assert faces.blinks is not None
            for i, track_id in enumerate(faces.track_id.tolist()):
                yaw, pitch, roll = faces.pose_deg[i].tolist()
                mouth, blinks = float(faces.mouth_open[i]), int(faces.blinks[i])
                rows.append((frame.number, track_id, yaw, pitch, roll, mouth, blinks))
    return np.array(rows, np.float64)


def test_roll_of_two_people_and_of_their_mirror_images(networks: Networks, data_dir: Path) -> None:
    """Both tilt to the left of the picture, from frame 30 by about 45°; the camera is level."""
    path = data_dir / "clips" / "two_people_tilting.mp4"
    plain, mirrored = measurements(networks, path), measurements(networks, path, mirror=True)
    for rows, sign in ((plain, -1), (mirrored, 1)):
        tilted = rows[rows[:, 0] >= 30]
        assert set(tilted[:, 1]) == {1, 2}
        assert (30 < sign * tilted[:, 4]).all()
        assert (sign * tilted[:, 4] < 65).all()
        first = rows[rows[:, 0] == 0]
        assert (abs(first[:, 4]) < 25).all()


def test_every_blink_is_counted_once(networks: Networks, data_dir: Path) -> None:
    rows = measurements(networks, data_dir / "clips" / "expressions_man.mp4")
    counted = rows[1:, 0][np.diff(rows[:, 6]) > 0]
    found = [
        [i for i, (begin, end) in enumerate(EYES_CLOSED) if begin < frame <= end + MAX_DELAY]
        for frame in counted
    ]
    assert all(found)  # nothing else is counted
    blinks = {one for (one, *_) in found}
    assert len(blinks) == len(counted) == rows[-1, 6]
    assert len(blinks) >= len(EYES_CLOSED) - 1  # two follow each other within half a second


def test_mouth_opens_twice(networks: Networks, data_dir: Path) -> None:
    """Open in frames 68 to 71 and 86 to 89, closed or nearly closed in all others."""
    rows = measurements(networks, data_dir / "clips" / "expressions_man.mp4")
    frames = rows[rows[:, 5] > 0.2, 0]
    assert {int(f) for f in frames} <= set(range(66, 75)) | set(range(84, 93))
    assert (frames < 80).any()
    assert (frames > 80).any()


@pytest.mark.parametrize(
    ("clip", "closed", "open_"),
    [
        ("expressions_woman.mp4", range(110, 290), range(303, 320)),
        ("expressions_glasses.mp4", range(168, 174), range(140, 155)),
    ],
)
def test_closed_and_open_mouths(
    clip: str, closed: range, open_: range, networks: Networks, data_dir: Path
) -> None:
    rows = measurements(networks, data_dir / "clips" / clip)
    mouth = {int(row[0]): row[5] for row in rows}
    assert max(mouth[f] for f in closed) < 0.1
    assert min(mouth[f] for f in open_) > 0.4
