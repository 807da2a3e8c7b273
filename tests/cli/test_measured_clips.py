"""Head pose, mouths and blinks on real clips; what they show was determined by looking at them."""

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

# expressions_man.mp4: the frames in which both eyes are shut, as looked at one by one. Between 298
# and 306 they are narrow slits, and from 520 to 532 they are shut but for a slit at 528.
SHUT = (
    *((10, 17), (36, 45), (142, 144), (194, 196), (292, 298), (306, 310), (363, 370)),
    *((380, 390), (420, 430), (448, 453), (484, 490), (498, 500), (520, 532), (554, 564)),
)
LATE = 8  # frames until the eyes are open again and the blink is counted

Row = tuple[int, int, float, float, float, float, int]


def followed(networks: Networks, path: Path, *, mirror: bool = False) -> NDArray[np.float64]:
    """A row a face and frame: frame, number, yaw, pitch, roll, mouth, blinks."""
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
            for i, number in enumerate(faces.track_id.tolist()):
                yaw, pitch, roll = faces.pose_deg[i].tolist()
                mouth, blinks = float(faces.mouth_open[i]), int(faces.blinks[i])
                rows.append((frame.number, number, yaw, pitch, roll, mouth, blinks))
    return np.array(rows, np.float64)


def test_two_people_tilt_and_their_mirror_images_tilt_the_other_way(
    networks: Networks, data_dir: Path
) -> None:
    """Both lean to the left of the picture, from frame 30 on by about 45°; the camera is level."""
    path = data_dir / "clips" / "two_people_tilting.mp4"
    plain, mirrored = followed(networks, path), followed(networks, path, mirror=True)
    for rows, sign in ((plain, -1), (mirrored, 1)):
        tilted = rows[rows[:, 0] >= 30]
        assert set(tilted[:, 1]) == {1, 2}
        assert (30 < sign * tilted[:, 4]).all()
        assert (sign * tilted[:, 4] < 65).all()
        first = rows[rows[:, 0] == 0]
        assert (abs(first[:, 4]) < 25).all()


def test_every_blink_of_a_man_is_counted_and_nothing_else(
    networks: Networks, data_dir: Path
) -> None:
    rows = followed(networks, data_dir / "clips" / "expressions_man.mp4")
    counted = rows[1:, 0][np.diff(rows[:, 6]) > 0]
    assert rows[-1, 6] == len(SHUT)
    for (begin, end), frame in zip(SHUT, counted, strict=True):
        assert begin < frame <= end + LATE


def test_his_mouth_opens_twice(networks: Networks, data_dir: Path) -> None:
    """Open at frames 68 to 71 and 86 to 89, shut or nearly so in all others."""
    rows = followed(networks, data_dir / "clips" / "expressions_man.mp4")
    wide = rows[rows[:, 5] > 0.2, 0]
    assert {int(f) for f in wide} <= set(range(66, 75)) | set(range(84, 93))
    assert (wide < 80).any()
    assert (wide > 80).any()


@pytest.mark.parametrize(
    ("clip", "shut", "wide"),
    [
        ("expressions_woman.mp4", range(110, 290), range(303, 320)),
        ("expressions_glasses.mp4", range(168, 174), range(140, 155)),
    ],
)
def test_shut_and_open_mouths(
    clip: str, shut: range, wide: range, networks: Networks, data_dir: Path
) -> None:
    rows = followed(networks, data_dir / "clips" / clip)
    mouth = {int(row[0]): row[5] for row in rows}
    assert max(mouth[f] for f in shut) < 0.1
    assert min(mouth[f] for f in wide) > 0.4
