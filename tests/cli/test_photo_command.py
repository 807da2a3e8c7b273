"""`python -m realtime photo`: JSON, pictures, exit codes and error messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from realtime import commands as command
from realtime.__main__ import main
from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.core.faces import Faces, FrameResult
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect import DETECTORS
from realtime.output.crops import face_crop
from realtime.output.records import face_record
from realtime.render.captions import describe
from tests.builders import answers, unknown
from tests.cli.conftest import Run
from tests.conftest import Thresholds
from tests.detect.test_registry import without


def checked_faces(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Check a record's schema and return its faces."""
    assert set(record) == {"path", "width", "height", "faces", "timings_ms"}
    for face in record["faces"]:
        assert set(face) == {"box", "score", "landmarks", "mask", "emotion"}
        x0, y0, x1, y1 = face["box"]
        assert x0 < x1
        assert y0 < y1
        assert 0 < face["score"] <= 1
        assert face["landmarks"]["model"] == "mesh"
        assert np.shape(face["landmarks"]["points"]) == (468, 2)
        for attribute in (MASK, EMOTION):
            answer = face[attribute.name]
            assert answer["label"] in (*attribute.labels, "unsure")
            assert tuple(answer["probs"]) == attribute.labels
            assert sum(answer["probs"].values()) == pytest.approx(1, abs=0.01)
    assert record["timings_ms"]["total"] > 0
    return list(record["faces"])


def test_folder_as_json_on_stdout_and_errors_on_stderr(run: Run, pictures: Path) -> None:
    done = run("photo", pictures, "--json", "-")
    records = json.loads(done.stdout)
    names = [Path(r["path"]).name for r in records]
    assert names == ["astronaut.jpg", "both.png", "empty.webp"]
    assert [len(checked_faces(r)) for r in records] == [1, 2, 0]
    assert (records[1]["width"], records[1]["height"]) == (1024, 512)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert "letter.jpg" in lines[0]
    assert "Unsupported file" in lines[0]


def test_one_line_per_picture_without_json(run: Run, pictures: Path) -> None:
    done = run("photo", pictures / "both.png", pictures / "empty.webp")
    assert done.returncode == 0
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert "both.png: 2 faces: no mask" in first
    assert second.endswith("empty.webp: no face")


def test_annotated_pictures_and_crops_are_written(pictures: Path, tmp_path: Path) -> None:
    target, crops = tmp_path / "new" / "annotated", tmp_path / "crops"
    json_file = tmp_path / "faces.json"
    both = pictures / "both.png"
    command = f"photo {both} {both} --json {json_file} --annotated {target} --crops {crops}"
    assert main(command.split()) == 0
    assert sorted(p.name for p in target.iterdir()) == ["both-2.jpg", "both.jpg"]
    assert sorted(p.name for p in crops.iterdir()) == [
        "both-2-face01.png",
        "both-2-face02.png",
        "both-face01.png",
        "both-face02.png",
    ]
    drawn = cv2.imread(str(target / "both.jpg"))
    assert drawn.shape == (512, 1024, 3)
    assert np.abs(drawn.astype(int) - cv2.imread(str(both))).max() > 100
    assert [len(checked_faces(r)) for r in json.loads(json_file.read_text())] == [2, 2]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["photo"],
        ["photo", "x.jpg", "--detector", "none"],
        ["photo", "x.jpg", "--detector", "mtcnn:2/3"],
        ["photo", "x.jpg", "--detector", "ensemble:haar"],
        ["photo", "x.jpg", "--min-score", "1.5"],
        ["photo", "x.jpg", "--min-score", "much"],
        ["photo", "x.jpg", "--landmarks", "other"],
        ["photo", "x.jpg", "--attributes", "age"],
        ["photo", "x.jpg", "--attributes", "mask,none,age"],
        ["video"],
        ["video", "x.mp4", "--out", "x.avi"],
    ],
)
def test_usage_errors_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_missing_files_and_empty_folders_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    assert main(["photo", str(tmp_path / "none.jpg"), str(tmp_path), "--json", "-"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == []
    first, second = err.splitlines()
    assert "File not found" in first
    assert "no JPEG, PNG or WebP" in second


def test_unwritable_output_is_explained(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    picture = str(pictures / "empty.webp")
    assert main(["photo", picture, "--json", str(tmp_path / "none" / "a.json")]) == 1
    assert main(["photo", picture, "--crops", str(tmp_path / "file")]) == 1
    assert [line[-1] for line in capsys.readouterr().err.splitlines()] == [".", "."]


def test_detector_and_minimum_score(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(pictures / "astronaut.jpg")
    assert main(["photo", picture, "--detector", "blazeface-short", "--json", "-"]) == 0
    assert len(json.loads(capsys.readouterr().out)[0]["faces"]) == 1
    assert main(["photo", picture, "--min-score", "0.99", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["faces"] == []


@pytest.mark.parametrize("name", [*DETECTORS, "mtcnn:0.5/0.65", "ensemble:blazeface-short+haar"])
def test_every_detector_finds_the_faces(
    name: str, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(pictures / n) for n in ("astronaut.jpg", "both.png", "empty.webp")]
    assert main(["photo", *names, "--detector", name, "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert [len(checked_faces(record)) for record in json.loads(out)] == [1, 2, 0]
    assert err == ""


def test_missing_package_is_explained(
    pictures: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without("dlib", monkeypatch)
    assert main(["photo", str(pictures / "astronaut.jpg"), "--detector", "hog"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "dlib HOG is not installed: run pip install dlib-bin.\n"


def test_unsure_labels_have_reasons_and_can_be_turned_off(
    pictures: Path, capsys: pytest.CaptureFixture[str], thresholds: Thresholds
) -> None:
    picture = str(pictures / "astronaut.jpg")
    thresholds(min_side_px=200, min_sharpness=9)
    assert main(["photo", picture, "--json", "-"]) == 0
    (face,) = json.loads(capsys.readouterr().out)[0]["faces"]
    for answer, labels in ((face["mask"], MASK.labels), (face["emotion"], EMOTION.labels)):
        assert answer["label"] == "unsure"
        assert answer["doubts"] == ["small", "blurred"]
        assert tuple(answer["probs"]) == labels
    assert main(["photo", picture]) == 0
    assert capsys.readouterr().out.endswith("1 face: mask unsure, emotion unsure\n")
    assert main(["photo", picture, "--json", "-", "--no-unsure"]) == 0
    (face,) = json.loads(capsys.readouterr().out)[0]["faces"]
    assert (face["mask"]["label"], face["emotion"]["label"]) == ("without_mask", "happy")
    assert "doubts" not in face["mask"]
    assert "masked" not in face["emotion"]


@pytest.mark.parametrize(
    ("options", "classified"),
    [
        ([], {"mask", "emotion"}),
        (["--gender"], {"mask", "emotion", "gender"}),
        (["--attributes", "mask,gender"], {"mask", "gender"}),
        (["--attributes", "emotion", "--gender"], {"emotion", "gender"}),
        (["--attributes", "none"], set()),
    ],
)
def test_only_the_chosen_attributes_are_classified(
    options: list[str], classified: set[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["photo", str(pictures / "astronaut.jpg"), "--json", "-", *options]) == 0
    (face,) = json.loads(capsys.readouterr().out)[0]["faces"]
    # Attributes that are on by default are always present, null if turned off.
    assert {"mask", "emotion"} <= set(face)
    assert {name for name in ATTRIBUTES if face.get(name) is not None} == classified
    assert ("gender" in face) == ("gender" in classified)


def test_unknown_attributes_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["photo", "x.jpg", "--attributes", "mask,age"])
    message = "There is no attribute 'age'; choose from mask, emotion, gender."
    assert message in capsys.readouterr().err


def test_emotions_of_masked_faces_are_marked() -> None:
    attributes = {
        "mask": answers(MASK, [[0.9, 0.1, 0]]),
        "emotion": answers(EMOTION, [[0, 0, 0, 0.75, 0, 0.25, 0]]),
    }
    faces = Faces.from_boxes([(1, 2, 3, 4)]).with_(attributes=attributes, masked=np.array([True]))
    assert face_record(faces, 0)["emotion"]["masked"] is True
    line = describe(FrameResult(faces, (9, 9), 0.0))
    assert line == "1 face: mask worn 90%, happy 75%, partly covered"


def test_unknown_values_are_null() -> None:
    faces = Faces.from_boxes([(1.04, 2, 3, 4)], [0.123456]).with_(
        attributes={"mask": unknown(MASK)}, track_id=np.array([7], np.int64)
    )
    assert face_record(faces, 0) == {
        "track_id": 7,
        "box": [1.0, 2.0, 3.0, 4.0],
        "score": 0.1235,
        "landmarks": None,
        "mask": None,
        "emotion": None,
    }


def test_landmarks_are_rounded_like_python() -> None:
    points = np.random.default_rng(0).uniform(-9, 4000, (1, 468, 3)).astype(np.float32)
    points[0, :4, 0] = 0.25, 0.75, 0.05, 1e-6  # halves are rounded to even
    faces = Faces.from_boxes([(0, 0, 9, 9)]).with_(landmarks=Landmarks(MESH468, points))
    record = face_record(faces, 0)["landmarks"]
    expected = [[round(float(x), 1), round(float(y), 1)] for x, y in points[0, :, :2]]
    assert record == {"model": "mesh", "points": expected}


@pytest.mark.parametrize("box", [(-50, -50, -10, -10), (90, 90, 500, 500), (5, 5, 5, 5)])
def test_crop_is_never_empty(box: tuple[float, ...]) -> None:
    crop = face_crop(np.zeros((100, 100, 3), np.uint8), np.array(box, np.float32))
    assert crop.size > 0


def test_one_bad_picture_does_not_end_a_batch(
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panorama = tmp_path / "panorama.png"
    cv2.imwrite(str(panorama), np.zeros((8, 32_767, 3), np.uint8))
    whole, first = command.analyze_photo, True

    def failing_once(*arguments: Any) -> FrameResult:
        nonlocal first
        if first:
            first = False
            raise cv2.error("out of bounds\nin file")
        return whole(*arguments)

    monkeypatch.setattr(command, "analyze_photo", failing_once)
    both = str(pictures / "both.png")
    assert main(["photo", str(panorama), both, both]) == 1
    out, err = capsys.readouterr()
    assert "both.png: 2 faces" in out
    too_long, failed = err.splitlines()
    assert too_long.startswith(f"{panorama}: The picture (32767 × 8) is longer than 32766 pixels.")
    assert failed == f"{both}: The analysis failed (out of bounds). Try a smaller copy."


def test_boxes_for_annotation_tools(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coco, studio = tmp_path / "coco.json", tmp_path / "studio.json"
    files = ["--coco", str(coco), "--label-studio", str(studio)]
    assert main(["photo", str(pictures / "both.png"), *files]) == 0
    assert "2 faces" in capsys.readouterr().out
    data = json.loads(coco.read_text())
    assert [a["image_id"] for a in data["annotations"]] == [1, 1]
    (task,) = json.loads(studio.read_text())
    assert task["data"]["image"].endswith("both.png")
    assert main(["photo", str(pictures / "both.png"), "--coco", "-", "--json", "-"]) != 0
    assert "Only one file can go to stdout" in capsys.readouterr().err
