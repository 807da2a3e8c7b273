"""Regression tests: output of the commands, compared with stored results.

The files in `reference/` were written by the same commands. Floating-point results differ slightly
between processors, so numbers have a tolerance; labels, keys and order must be equal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from realtime.__main__ import main
from realtime.core.answers import UNSURE
from realtime.core.arrays import Frame

REFERENCE = Path(__file__).with_name("reference")
POINT_STEP = 60  # one of this many landmarks is compared
FRAME_STEP = 20  # one of this many frames of a clip
TOLERANCE_PX, TOLERANCE = 1.0, 0.02  # of coordinates and angles, and of other numbers
# dlib's regression trees jump where a pixel's difference crosses a threshold, and a blink is
# counted or not: seen between two processors were 5.2 px and one blink.
TREES_PX, BLINKS = 8.0, 1
# Where the probability touches the threshold: seen between two processors was one answer in 30.
EDGES = 1


def reduced(record: dict[str, Any]) -> dict[str, Any]:
    """A record without timings and path, and with only some of its landmarks."""
    kept = {k: v for k, v in record.items() if k not in ("timings_ms", "path")}
    for face in kept["faces"]:
        face["landmarks"]["points"] = face["landmarks"]["points"][::POINT_STEP]
    return kept


def at_the_threshold(actual: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether one of two answers is unsure, only because its probability is, and the other not."""
    doubts = [answer["doubts"] for answer in (actual, expected) if answer["label"] == UNSURE]
    return doubts == [["close"]]


def assert_close(actual: Any, expected: Any, where: str = "", tolerance: float = TOLERANCE) -> int:
    """Compare two records; returns the number of answers that are unsure in one of them only."""
    if isinstance(expected, dict):
        if "probs" in expected and at_the_threshold(actual, expected):
            assert_close(actual["probs"], expected["probs"], where, tolerance)
            return 1
        assert list(actual) == list(expected), where
        edges = 0
        for key, value in expected.items():
            wide = key in ("box", "points", "pose", "gaze")
            trees = key == "points" and expected.get("model") == "dlib68"
            limit = TREES_PX if trees else TOLERANCE_PX if wide else tolerance
            if key == "blinks" and value is not None:
                assert abs(actual[key] - value) <= BLINKS, f"{where}.{key}"
            else:
                edges += assert_close(actual[key], value, f"{where}.{key}", limit)
        return edges
    if isinstance(expected, list):
        assert len(actual) == len(expected), where
        pairs = enumerate(zip(actual, expected, strict=True))
        return sum(assert_close(a, b, f"{where}[{i}]", tolerance) for i, (a, b) in pairs)
    if isinstance(expected, float):
        assert actual == pytest.approx(expected, abs=tolerance), where
    else:
        assert actual == expected, where
    return 0


def pictures(astronaut: Frame, hopper: Frame) -> dict[str, Frame]:
    beside = np.hstack([astronaut, cv2.resize(hopper, (424, 512))])
    small = cv2.resize(astronaut, (256, 256))
    grid = np.vstack([np.hstack([small, small[:, ::-1]] * 2)] * 2)
    turn = cv2.getRotationMatrix2D((256, 256), 20, 1)
    turned = cv2.warpAffine(astronaut, turn, (512, 512))
    made = {"1-astronaut": astronaut, "2-hopper": hopper, "3-both": beside}
    return made | {"4-grid": grid, "5-turned": np.asarray(turned, np.uint8)}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("default", []),
        ("gender-dlib68", ["--gender", "--landmarks", "dlib68", "--no-unsure", "--measures"]),
    ],
)
def test_photos(
    name: str, options: list[str], astronaut: Frame, hopper: Frame, tmp_path: Path
) -> None:
    for stem, frame in pictures(astronaut, hopper).items():
        cv2.imwrite(str(tmp_path / f"{stem}.png"), frame)
    out = tmp_path / "out.json"
    assert main(["photo", str(tmp_path), "--json", str(out), *options]) == 0
    expected = json.loads((REFERENCE / f"photos-{name}.json").read_text(encoding="utf-8"))
    actual = [reduced(record) for record in json.loads(out.read_text())]
    assert assert_close(actual, expected) == 0


@pytest.mark.data
@pytest.mark.parametrize(
    ("clip", "options"),
    [
        ("expressions_glasses", ["--measures", "--gaze"]),
        ("expressions_man", ["--gender"]),
        ("hand_over_face", ["--landmarks", "dlib68"]),
    ],
)
def test_clips(clip: str, options: list[str], data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    video = data_dir / "clips" / f"{clip}.mp4"
    assert main(["video", str(video), "--jsonl", str(out), *options]) == 0
    actual = [reduced(json.loads(line)) for line in out.read_text().splitlines()[::FRAME_STEP]]
    expected = json.loads((REFERENCE / f"{clip}.json").read_text(encoding="utf-8"))
    assert assert_close(actual, expected) <= EDGES
