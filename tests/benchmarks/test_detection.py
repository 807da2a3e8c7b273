"""The detection benchmark: matching with the ground truth, the cache, and short runs."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks import meshed_detector
from benchmarks.detection import MAX_CURVE_POINTS
from benchmarks.detection_plot import plot_curves
from benchmarks.detection_speed import SIZE_WH, center_crop
from benchmarks.detection_store import DetectionStore, ResizedScene
from benchmarks.ground_truth import pair_with_truth, with_attribute, with_mask_label
from benchmarks.meshed_detector import SUFFIX, create, default_score, files
from benchmarks.thresholds import sure_score
from realtime.core.faces import Faces, Frame
from realtime.detect.ensemble import Member
from tests.conftest import ROOT
from training.detector.scenes import Scene, downscale
from training.detector.score import Curve, Picture, curve, match


def scene(path: str = "a.png") -> Scene:
    """Three faces with heights of 40, 100 and 200 pixels; the last one is marked invalid."""
    boxes = np.array([[0, 0, 30, 40], [100, 0, 180, 100], [300, 0, 450, 200]], np.float32)
    mask, pose = np.array([0, 1, 1]), np.array([0, 1, 0])
    return Scene(path, boxes, np.array([False, False, True]), mask, {"pose": pose})


HALF_SIZE = ResizedScene(scene(), 0.5, (400, 300))


def counted(pair: Picture) -> list[int]:
    """The indices of the true faces that count."""
    assert pair.ignored is not None
    return [int(i) for i in np.flatnonzero(~pair.ignored)]


def test_sizes_are_heights_in_the_resized_image() -> None:
    (pair,) = pair_with_truth([HALF_SIZE], [Faces.empty()])
    np.testing.assert_allclose(pair.truth[1], [50, 0, 90, 50])
    assert counted(pair) == [0, 1]  # 20 and 50 pixels high; the invalid face never counts
    (large,) = pair_with_truth([HALF_SIZE], [Faces.empty()], sizes_px=(40, 80))
    assert counted(large) == [1]


def test_only_faces_of_the_group_count() -> None:
    (atypical,) = pair_with_truth([HALF_SIZE], [Faces.empty()], group=with_attribute("pose", 1))
    assert counted(atypical) == [1]
    (masked,) = pair_with_truth([HALF_SIZE], [Faces.empty()], group=with_mask_label(0))
    assert counted(masked) == [0]


def test_false_positives_of_other_sizes_can_be_ignored() -> None:
    hit, small, large = [50, 0, 90, 50], [200, 200, 210, 210], [200, 200, 250, 250]
    detections = [Faces.from_boxes([hit, small, large], [0.9, 0.8, 0.7])]
    (strict,) = pair_with_truth([HALF_SIZE], detections, sizes_px=(40, 80))
    assert len(match(strict)) == 3
    (lenient,) = pair_with_truth(
        [HALF_SIZE], detections, sizes_px=(40, 80), ignore_other_sizes=True
    )
    np.testing.assert_allclose(lenient.score, [0.9, 0.7])


def test_images_are_downscaled_by_their_longer_side_and_never_upscaled() -> None:
    image, scale = downscale(np.zeros((1280, 300, 3), np.uint8))
    assert (image.shape, scale) == ((640, 150, 3), 0.5)
    assert downscale(np.zeros((64, 30, 3), np.uint8))[1] == 1


@pytest.mark.parametrize("shape", [(480, 640), (100, 900), (900, 100), (3000, 2000)])
def test_centre_crops_have_the_frame_size(shape: tuple[int, int]) -> None:
    assert center_crop(np.zeros((*shape, 3), np.uint8)).shape[:2] == SIZE_WH[::-1]


class CountingDetector:
    """Detects two boxes in every image and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        self.calls += 1
        height, width = frame_bgr.shape[:2]
        return Faces.from_boxes([[0, 0, width, height], [0, 0, 5, 5]], [0.9, 0.1])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one data set of two images."""
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w") as file:
        for name in ("a.png", "b.png"):
            _, encoded = cv2.imencode(".png", np.zeros((30, 40, 3), np.uint8))
            file.writestr(f"tiny/{name}", encoded.tobytes())
    return tmp_path


def test_a_slow_detector_runs_once_per_image(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = CountingDetector()
    monkeypatch.setattr(meshed_detector, "create", lambda name, threads: detector)
    first, both = [scene("a.png")], [scene("b.png"), scene("a.png")]
    for _ in range(2):
        store = DetectionStore(data, data / "cache")
        assert [len(f) for f in store.detect("haar", "tiny", first, min_score=0.5)] == [1]
        assert [len(f) for f in store.detect("haar", "tiny", both, min_score=0.05)] == [2, 2]
    assert detector.calls == 2
    assert len(list((data / "cache").iterdir())) == 1
    store = DetectionStore(data, data / "cache")
    store.detect("blazeface-full", "tiny", both, min_score=0.5)
    store.detect("blazeface-full", "tiny", both, min_score=0.5)
    assert detector.calls == 4  # fast detectors are not cached on disk
    members = {"haar": Member(0.5), "blazeface-full": Member(0.5)}
    fused = store.detect_ensemble(members, "tiny", both, min_score=0.5)
    np.testing.assert_allclose([f.score for f in fused], [[0.9], [0.9]], atol=1e-5)


def test_our_detector_is_also_measured_with_the_mesh(astronaut: Frame) -> None:
    alone = create("facestream").detect(astronaut, min_score=0.05)
    with_mesh = create(f"facestream{SUFFIX}").detect(astronaut, min_score=0.05)
    assert with_mesh.score[0] == pytest.approx(alone.score[0], abs=0.02)  # the mesh sees the face
    assert (with_mesh.score <= alone.score[: len(with_mesh)] + 1e-6).all()
    assert default_score(f"facestream{SUFFIX}") < default_score("facestream")
    assert len(files(f"facestream{SUFFIX}")) == len(files("facestream")) + 1


def test_sure_score_is_the_lowest_threshold_with_the_required_precision() -> None:
    scores, hits, mistakes = np.array([0.9, 0.8, 0.7]), np.array([10, 38, 40]), np.array([0, 2, 9])
    assert sure_score(Curve(scores, hits, mistakes, 50, pictures=9)) == 0.8
    assert sure_score(curve([])) == 1


def test_curves_are_plotted(tmp_path: Path) -> None:
    box = np.array([[0, 0, 30, 40]], np.float32)
    one = curve([Picture(box, np.array([0.5], np.float32), box)])
    plot_curves({"A": one, "nothing": curve([])}, tmp_path / "new" / "curves.png")
    assert cv2.imread(str(tmp_path / "new" / "curves.png")).shape[0] > 400


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.data
def test_table_and_json_have_the_same_figures(data_dir: Path, tmp_path: Path) -> None:
    options = "--task detection --detector blazeface-full blazeface-short --limit 4 --json -"
    plot = tmp_path / "curves.png"
    process = run("accuracy", *options.split(), "--data", str(data_dir), "--plot", str(plot))
    assert process.returncode == 0, process.stderr
    metrics: dict[str, Any] = json.loads(process.stdout)["detection"]["detectors"]["blazeface-full"]
    assert 0 < metrics["average_precision"] < 1
    recalls = [recall for recall, _ in metrics["curve"]]
    assert 2 <= len(recalls) <= MAX_CURVE_POINTS
    assert recalls == sorted(recalls)
    assert recalls[-1] >= metrics["default"]["recall"]
    assert f"| blazeface-full | {metrics['average_precision']:.3f} |" in process.stderr
    assert metrics["default"]["faces"] == sum(one["faces"] for one in metrics["by_size"].values())
    assert metrics["without_faces"]["pictures"] == 4
    assert metrics["ms"]["n"] >= 200
    assert plot.is_file()


@pytest.mark.data
def test_thresholds_on_a_few_images(data_dir: Path) -> None:
    names = "blazeface-full blazeface-short facestream-448"
    options = f"thresholds --detector {names} --limit 6 --json -"
    process = run(*options.split(), "--data", str(data_dir))
    assert process.returncode == 0, process.stderr
    results = json.loads(process.stdout)
    assert set(results["pictures"]) == {"wider_train", "mask_scenes"}
    assert 0 < results["detectors"]["blazeface-full"]["min_score"] < 1
    assert len(results["ensembles"]) == 4
    rows = results["with_mesh"]
    assert {row["detector"] for row in rows} == {"facestream-448"}
    assert rows[0]["margin"] == 0
    assert all(0 < row["min_score"] < 1 for row in rows)


@pytest.mark.data
def test_photos_are_measured_with_the_mesh(data_dir: Path) -> None:
    options = "--task detection --detector facestream-1600 --limit 4 --no-speed --json -"
    process = run("accuracy", *options.split(), "--data", str(data_dir))
    assert process.returncode == 0, process.stderr
    results = json.loads(process.stdout)["detection"]
    assert list(results["detectors"]) == ["facestream-1600"]
    (metrics,) = results["photos"].values()
    assert metrics["size_bytes"] > results["detectors"]["facestream-1600"]["size_bytes"]
    assert "| facestream-1600 + mesh |" in process.stderr


def test_unknown_detector_is_an_error_message(data_dir: Path) -> None:
    process = run("accuracy", "--task", "detection", "--detector", "x", "--data", str(data_dir))
    assert process.returncode == 1
    assert "'x'" in process.stderr
    assert "Traceback" not in process.stderr
