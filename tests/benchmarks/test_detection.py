"""The detection benchmark: what is judged, what is kept on disk, and a trial of the commands."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import detection_answers
from benchmarks.detection import CURVE_POINTS
from benchmarks.detection_answers import Answers, Seen
from benchmarks.detection_plot import plot_curves
from benchmarks.detection_speed import SIZE_WH, filled
from benchmarks.detection_truth import judged, with_attribute, with_mask_label
from benchmarks.thresholds import sure_score
from realtime.core.faces import Faces, Frame
from realtime.detect.ensemble import Member
from tests.conftest import ROOT
from training.detector.scenes import Scene, downscale
from training.detector.score import Curve, Picture, curve, match


def scene(path: str = "a.png", **more: object) -> Scene:
    """Three faces of heights 40, 100 and 200, the last one invalid."""
    boxes = np.array([[0, 0, 30, 40], [100, 0, 180, 100], [300, 0, 450, 200]], np.float32)
    settings = {"mask": np.array([0, 1, 1]), "attributes": {"pose": np.array([0, 1, 0])}} | more
    return Scene(path, boxes, np.array([False, False, True]), **settings)  # type: ignore[arg-type]


HALF = Seen(scene(), 0.5, (400, 300))


def counted(picture: Picture) -> list[int]:
    assert picture.ignored is not None
    return np.flatnonzero(~picture.ignored).tolist()


def test_sizes_are_heights_in_the_picture_as_seen() -> None:
    (whole,) = judged([HALF], [Faces.empty()])
    np.testing.assert_allclose(whole.truth[1], [50, 0, 90, 50])
    assert counted(whole) == [0, 1]  # 20 and 50 pixels; the invalid one never counts
    (large,) = judged([HALF], [Faces.empty()], sizes_px=(40, 80))
    assert counted(large) == [1]


def test_groups_are_judged_alone() -> None:
    (posed,) = judged([HALF], [Faces.empty()], group=with_attribute("pose", 1))
    assert counted(posed) == [1]
    (masked,) = judged([HALF], [Faces.empty()], group=with_mask_label(0))
    assert counted(masked) == [0]


def test_wrong_answers_of_other_sizes_can_be_left_out() -> None:
    right, small, large = [50, 0, 90, 50], [200, 200, 210, 210], [200, 200, 250, 250]
    answers = [Faces.from_boxes([right, small, large], [0.9, 0.8, 0.7])]
    (strict,) = judged([HALF], answers, sizes_px=(40, 80))
    assert len(match(strict)) == 3
    (mild,) = judged([HALF], answers, sizes_px=(40, 80), only_judged_sizes=True)
    np.testing.assert_allclose(mild.score, [0.9, 0.7])


def test_pictures_are_shrunk_to_the_longer_side_and_never_enlarged() -> None:
    picture, scale = downscale(np.zeros((1280, 300, 3), np.uint8))
    assert (picture.shape, scale) == ((640, 150, 3), 0.5)
    assert downscale(np.zeros((64, 30, 3), np.uint8))[1] == 1
    for shape in ((480, 640), (100, 900), (900, 100), (3000, 2000)):
        assert filled(np.zeros((*shape, 3), np.uint8)).shape[:2] == SIZE_WH[::-1]


class Counting:
    """Answers one box, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        self.asked += 1
        height, width = frame_bgr.shape[:2]
        return Faces.from_boxes([[0, 0, width, height], [0, 0, 5, 5]], [0.9, 0.1])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one set of two pictures."""
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w") as file:
        for name in ("a.png", "b.png"):
            _, encoded = cv2.imencode(".png", np.zeros((30, 40, 3), np.uint8))
            file.writestr(f"tiny/{name}", encoded.tobytes())
    return tmp_path


def test_a_slow_detector_is_asked_once_for_each_picture(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Counting()
    monkeypatch.setattr(detection_answers, "create_detector", lambda name, threads: asked)
    first, both = [scene("a.png")], [scene("b.png"), scene("a.png")]
    for _ in range(2):
        answers = Answers(data, data / "cache")
        assert [len(f) for f in answers.of("haar", "tiny", first, min_score=0.5)] == [1]
        assert [len(f) for f in answers.of("haar", "tiny", both, min_score=0.05)] == [2, 2]
    assert asked.asked == 2
    assert len(list((data / "cache").iterdir())) == 1
    answers = Answers(data, data / "cache")
    answers.of("blazeface-full", "tiny", both, min_score=0.5)
    answers.of("blazeface-full", "tiny", both, min_score=0.5)
    assert asked.asked == 4  # fast ones are asked in each run
    fused = answers.fused(
        {"haar": Member(0.5), "blazeface-full": Member(0.5)}, "tiny", both, min_score=0.5
    )
    np.testing.assert_allclose([f.score for f in fused], [[0.9], [0.9]], atol=1e-5)


def test_the_sure_score_has_so_many_right_answers() -> None:
    found = Curve(
        np.array([0.9, 0.8, 0.7]), np.array([10, 38, 40]), np.array([0, 2, 9]), 50, pictures=9
    )
    assert sure_score(found) == 0.8
    assert sure_score(curve([])) == 1


def test_curves_are_drawn(tmp_path: Path) -> None:
    box = np.array([[0, 0, 30, 40]], np.float32)
    one = curve([Picture(box, np.array([0.5], np.float32), box)])
    plot_curves({"A": one, "nothing": curve([])}, tmp_path / "new" / "curves.png")
    assert cv2.imread(str(tmp_path / "new" / "curves.png")).shape[0] > 400


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.data
def test_it_prints_and_writes_the_same_figures(data_dir: Path, tmp_path: Path) -> None:
    words = "accuracy --task detection --detector blazeface-full blazeface-short --limit 4"
    plot = tmp_path / "curves.png"
    done = run(*words.split(), "--data", str(data_dir), "--json", "-", "--plot", str(plot))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["detection"]["detectors"]["blazeface-full"]
    assert 0 < found["average_precision"] < 1
    recalls = [recall for recall, _ in found["curve"]]
    assert 2 <= len(recalls) <= CURVE_POINTS
    assert recalls == sorted(recalls)
    assert recalls[-1] >= found["default"]["recall"]
    assert f"| blazeface-full | {found['average_precision']:.3f} |" in done.stderr
    assert found["default"]["faces"] == sum(one["faces"] for one in found["by_size"].values())
    assert found["without_faces"]["pictures"] == 4
    assert found["ms"]["n"] >= 200
    assert plot.is_file()


@pytest.mark.data
def test_thresholds_are_found_on_a_few_pictures(data_dir: Path) -> None:
    words = "thresholds --detector blazeface-full blazeface-short --limit 6 --json -"
    done = run(*words.split(), "--data", str(data_dir))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures["pictures"]) == {"wider_train", "mask_scenes"}
    assert 0 < figures["detectors"]["blazeface-full"]["min_score"] < 1
    assert figures["ensembles"][0]["members"] == "blazeface-full+blazeface-short"


def test_an_unknown_detector_is_said_in_a_sentence(data_dir: Path) -> None:
    done = run("accuracy", "--task", "detection", "--detector", "x", "--data", str(data_dir))
    assert done.returncode == 1
    assert "There is no detector 'x'" in done.stderr
    assert "Traceback" not in done.stderr
