"""`--landmarks`, `--landmarks-file` and `--measures`, on pictures and on a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import models
from realtime.__main__ import main
from realtime.core.faces import Faces
from realtime.landmark.dlib68 import FILE, NAME
from realtime.landmark.shape_model import ShapeModel
from realtime.output.records import face_record
from realtime.render.captions import measure_captions


def photo(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    assert main(["photo", *map(str, arguments), "--json", "-"]) == 0
    return list(json.loads(capsys.readouterr().out)[0]["faces"])


def test_dlib_landmarks_replace_the_mesh_in_json(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = pictures / "both.png"
    by_mesh, by_dlib = photo(capsys, both), photo(capsys, both, "--landmarks", "dlib68")
    assert [face["landmarks"]["model"] for face in by_dlib] == ["dlib68"] * 2
    for face, other in zip(by_dlib, by_mesh, strict=True):
        points = np.array(face["landmarks"]["points"])
        assert points.shape == (68, 2)
        assert face["box"] == other["box"]  # detection and alignment always use the mesh
        assert face["emotion"] == other["emotion"]
        x0, y0, x1, y1 = face["box"]
        assert (points.mean(axis=0) > (x0, y0)).all()
        assert (points.mean(axis=0) < (x1, y1)).all()


@pytest.mark.parametrize(("name", "model"), [("68", "cnn68"), ("mesh68", "mesh68")])
def test_68_points_come_from_the_network_by_default(
    name: str, model: str, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = pictures / "astronaut.jpg"
    (face,) = photo(capsys, picture, "--landmarks", name, "--measures")
    (by_mesh,) = photo(capsys, picture, "--measures")
    (by_dlib,) = photo(capsys, picture, "--landmarks", "dlib68")
    assert face["landmarks"]["model"] == model
    points, trees = (np.array(f["landmarks"]["points"]) for f in (face, by_dlib))
    assert points.shape == (68, 2)
    eyes = np.linalg.norm(points[45] - points[36])
    assert np.linalg.norm(points - trees, axis=1).mean() < 0.1 * eyes
    assert {k: v for k, v in face.items() if k != "landmarks"} == {
        k: v for k, v in by_mesh.items() if k != "landmarks"
    }


def test_picture_without_faces(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = pictures / "empty.webp"
    assert photo(capsys, empty, "--landmarks", "dlib68", "--measures") == []


def test_measurements_are_reported_only_on_request(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"pose", "eyes_open", "mouth_open", "gaze"}
    picture = pictures / "astronaut.jpg"
    (plain,) = photo(capsys, picture)
    assert not names & set(plain)
    (face,) = photo(capsys, picture, "--measures", "--gaze", "--annotated", tmp_path)
    assert set(face["gaze"]) == {"yaw", "pitch"}
    assert names <= set(face)
    assert "blinks" not in face
    assert set(face["pose"]) == {"yaw", "pitch", "roll"}
    assert all(abs(angle) < 25 for angle in face["pose"].values())
    assert all(0.1 < ratio < 0.5 for ratio in face["eyes_open"])
    assert 0 <= face["mouth_open"] < 0.5
    drawn = cv2.imread(str(tmp_path / "astronaut.jpg"))
    assert np.abs(drawn.astype(int) - cv2.imread(str(picture))).max() > 100


def test_video_counts_blinks_per_face(clip: Path, tmp_path: Path) -> None:
    lines = tmp_path / "out.jsonl"
    argv = [
        "video",
        str(clip),
        "--jsonl",
        str(lines),
        "--measures",
        "--landmarks",
        "dlib68",
        "--gaze",
    ]
    assert main([*argv, "--out", str(tmp_path / "out.mp4")]) == 0
    faces = [f for line in lines.read_text().splitlines() for f in json.loads(line)["faces"]]
    assert len(faces) >= 15
    for face in faces:
        assert face["blinks"] == 0  # a moving still picture
        assert len(face["landmarks"]["points"]) == 68
        assert face["pose"] is not None
        assert abs(face["gaze"]["yaw"]) < 40


def test_custom_landmark_file(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, own = str(pictures / "astronaut.jpg"), tmp_path / "own.dat"
    argv = ["photo", picture, "--landmarks", "dlib68", "--landmarks-file", str(own)]
    assert main(argv) == 1
    assert capsys.readouterr().err == f"There is no landmark file {own}.\n"
    own.write_text("not a predictor")
    assert main(argv) == 1
    assert "damaged: choose another file." in capsys.readouterr().err
    own.write_bytes(ShapeModel.read(models.load(NAME, file=FILE).path).dlib_bytes())
    (face,) = photo(capsys, picture, "--landmarks", "dlib68", "--landmarks-file", own)
    assert face["landmarks"]["model"] == "dlib68"


def test_landmark_file_requires_dlib68(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["photo", "x.jpg", "--landmarks-file", "own.dat"])
    assert caught.value.code == 2
    assert "--landmarks-file needs --landmarks dlib68" in capsys.readouterr().err


def test_unknown_pose_is_null_and_has_no_caption() -> None:
    unknown = np.full((1, 3), np.nan, np.float32)
    faces = Faces.from_boxes([[0, 0, 9, 9]]).with_(pose_deg=unknown)
    assert face_record(faces, 0)["pose"] is None
    assert measure_captions(faces, 0) == []


def test_measure_captions() -> None:
    faces = Faces.from_boxes([[0, 0, 9, 9]]).with_(
        pose_deg=np.array([[12.4, -3.2, 5.5]], np.float32),
        eye_open=np.array([[0.31, 0.3]], np.float32),
        mouth_open=np.array([0.02], np.float32),
    )
    turned, opened = measure_captions(faces, 0)
    assert turned == "yaw 12°, pitch -3°, roll 6°"
    assert opened == "eyes 0.31 0.30, mouth 0.02"
    faces = faces.with_(blinks=np.array([1], np.int64))
    assert measure_captions(faces, 0)[1] == "eyes 0.31 0.30, mouth 0.02, 1 blink"


@pytest.mark.parametrize(
    ("gaze", "text"),
    [
        ((4.4, 2.6), "gaze 4° left, 3° up"),
        ((-4.4, -3.6), "gaze 4° right, 4° down"),
        ((-12, 7), "gaze 12° right, 7° up"),
        ((12, -7), "gaze 12° left, 7° down"),
        ((0, 0), "gaze 0° left, 0° up"),
    ],
)
def test_gaze_caption_gives_the_direction(gaze: tuple[float, float], text: str) -> None:
    faces = Faces.from_boxes([[0, 0, 9, 9]]).with_(gaze_deg=np.array([gaze], np.float32))
    assert measure_captions(faces, 0) == [text]
