"""Training of the mesh: geometry of its examples, its batches, and one small run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.core.arrays import Frame
from realtime.core.faces import F32
from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from training.mesh.examples import MARGIN, SIDE, MeshFaces, taught
from training.mesh.eyelids import close_eyes
from training.mesh.framing import displaced, relative
from training.mesh.loss import COLUMNS, TWIN, mesh_loss
from training.mesh.mirror import MIRROR
from training.mesh.occluders import occlude

ROOT = Path(__file__).resolve().parents[2]
FACE = np.array([[232, 150, 240, 0.1]], np.float32)  # of the astronaut
angles = st.floats(-3, 3)


@given(
    ideal=st.tuples(st.floats(-500, 2000), st.floats(-500, 2000), st.floats(10, 900), angles),
    errors=st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)),
)
def test_errors_of_a_region_and_back(ideal: tuple[float, ...], errors: tuple[float, ...]) -> None:
    region, wanted = np.array([ideal], np.float32), np.array([errors], np.float32)
    np.testing.assert_allclose(relative(displaced(region, wanted), region), wanted, atol=2e-3)


def test_mirroring_twice_changes_nothing() -> None:
    assert (MIRROR[MIRROR] == np.arange(468)).all()
    assert MIRROR[33] == 263  # outer corners of the eyes
    assert MIRROR[61] == 291  # of the mouth


def test_mirrored_points_are_those_of_the_mirrored_face(astronaut: Frame) -> None:
    teacher = MediaPipeMesh()
    here = taught(teacher, astronaut, FACE)["points"][0, :, :2]
    mirrored = FACE * [-1, 1, 1, -1] + [511, 0, 0, 0]
    flipped = np.ascontiguousarray(astronaut[:, ::-1])
    there = taught(teacher, flipped, mirrored.astype(np.float32))["points"][0, :, :2]
    there = (there * [-1, 1] + [SIDE, 0])[MIRROR]
    assert np.abs(here - there).mean() < 1.5


def test_teachers_points_lie_on_the_crop(astronaut: Frame) -> None:
    found = taught(MediaPipeMesh(), astronaut, FACE)
    assert found["crops"].shape == (1, SIDE, SIDE, 3)
    assert found["presence"][0] > 0.9
    low, high = found["points"][0, :, :2].min(axis=0), found["points"][0, :, :2].max(axis=0)
    # The region is 1.5 times as long as the face.
    assert (high - low).max() == pytest.approx(SIDE / MARGIN / 1.5, rel=0.05)


def test_occluders_hide_the_points_that_they_say() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        crop = np.full((96, 96, 3), 100, np.uint8)
        points = rng.uniform(20, 76, (468, 2)).astype(np.float32)
        hidden = occlude(crop, rng.integers(0, 256, (96, 96, 3)).astype(np.uint8), points, rng)
        at = np.rint(points).astype(int)
        unchanged = (crop[at[:, 1], at[:, 0]] == 100).all(axis=1)
        assert not (hidden ^ ~unchanged)[~hidden].any()


@pytest.fixture(scope="module")
def example() -> tuple[Frame, F32]:
    """The astronaut's crop with the teacher's points."""
    found = taught(MediaPipeMesh(), skimage.data.astronaut()[..., ::-1].copy(), FACE)
    return found["crops"][0], found["points"][0]


def openness(points: F32) -> F32:
    """The heights of both eyes of an upright face."""
    return points[[145, 374], 1] - points[[159, 386], 1]


@given(share=st.floats(0, 1))
def test_lids_move_towards_each_other_and_nothing_else_does(
    example: tuple[Frame, F32], share: float
) -> None:
    crop, points = example
    picture, closed = close_eyes(crop, points, share)
    np.testing.assert_allclose(openness(closed), (1 - share) * openness(points), atol=0.35)
    moved = np.abs(closed - points).max(axis=1) > 1e-3
    eyes = points[[33, 263, 159, 386, 145, 374], 1]
    assert not moved[points[:, 1] > eyes.max() + 1].any()
    assert (picture[:20] == crop[:20]).all()
    assert (picture[int(eyes.max()) + 6 :] == crop[int(eyes.max()) + 6 :]).all()
    if share == 0:
        assert (picture == crop).all()


def test_mediapipe_sees_closed_eyes_as_narrower(example: tuple[Frame, F32]) -> None:
    crop, points = example
    picture, _ = close_eyes(crop, points, 0.95)
    region = np.array([[SIDE / 2, SIDE / 2, SIDE / MARGIN, 0]], np.float32)
    before, after = (MediaPipeMesh()(shown, region)[0].points[0] for shown in (crop, picture))
    # It never sees more than a part of it: its own answer for a closed eye is a narrow one.
    assert (openness(after) < 0.9 * openness(before)).all()


def synthetic(count: int = 40) -> MeshFaces:
    rng = np.random.default_rng(1)
    points = rng.uniform(40, 104, (count, 468, 3)).astype(np.float32)
    return MeshFaces(
        name="synthetic",
        share=1,
        masked=False,
        crops=rng.integers(0, 256, (count, SIDE, SIDE, 3)).astype(np.uint8),
        points=points,
        presence=np.ones(count, np.float32),
        framing=np.zeros((count, 4), np.float32),
    )


def batch(index: int = 0, **options: bool) -> tuple[F32, F32]:
    from training.mesh.batches import MeshBatches

    faces = synthetic()
    batches = MeshBatches(
        [faces], faces.crops[:20], side_px=96, zoom=1.2, batch=32, batches=2, **options
    )
    crops, truth = batches[index]
    return np.asarray(crops), np.asarray(truth)


def test_batches_are_the_same_again_and_differ_from_each_other() -> None:
    (crops, truth), (again, same) = batch(), batch()
    assert (crops == again).all()
    assert (truth == same).all()
    assert not (batch(1)[1] == truth).all()
    assert not (batch(held_out=True)[1] == truth).all()


def test_truth_has_points_of_faces_and_none_of_backgrounds() -> None:
    _, truth = batch()
    faces = truth[:, -2] == 1
    assert 0 < faces.sum() < len(faces)
    assert not truth[~faces, :1404].any()
    assert (np.abs(truth[faces, :1404].reshape(-1, 468, 3)[..., :2]) < 1).all()


def test_two_frames_of_one_face_stand_side_by_side() -> None:
    crops, truth = batch()
    twins = truth[:, TWIN].reshape(-1, 2)
    assert (twins[:, 0] == twins[:, 1]).all()
    assert 0 < twins.mean() < 1
    points = truth[:, :1404].reshape(-1, 2, 1404)
    apart = np.abs(points[:, 0] - points[:, 1]).mean(axis=1)
    assert (apart[twins[:, 0] == 1] < 0.03).all()
    two_faces = (twins[:, 0] == 0) & (truth[:, -2].reshape(-1, 2) == 1).all(axis=1)
    assert (apart[two_faces] > 0.03).all()
    pairs = crops.reshape(-1, 2, *crops.shape[1:])
    assert not (pairs[:, 0] == pairs[:, 1]).all(axis=(1, 2, 3)).any()


def test_errors_that_differ_from_frame_to_frame_cost_more() -> None:
    loss = mesh_loss()
    truth = np.ones((2, COLUMNS), np.float32)
    truth[:, :1404] = 0
    steady = np.zeros((2, 1405), np.float32)
    steady[:, :1404] = 0.01
    jittering = steady * np.array([[1], [-1]], np.float32)
    assert np.asarray(loss(truth, jittering)).sum() > np.asarray(loss(truth, steady)).sum() * 1.2
    truth[:, TWIN] = 0
    np.testing.assert_allclose(loss(truth, jittering), loss(truth, steady), rtol=1e-4)


def test_presence_is_calibrated_on_backgrounds() -> None:
    from training.mesh.network import MeshSpec, build
    from training.mesh.presence import calibrate_presence

    model = build(MeshSpec(side_px=32))
    crops = np.random.default_rng(2).integers(0, 256, (60, 32, 32, 3)).astype(np.float32)
    truth = np.zeros((60, COLUMNS), np.float32)
    truth[:20, -2] = 1
    calibrate_presence(model, crops, truth)
    passed = model.predict(crops, verbose=0)[20:, 1404] > 0
    assert passed.sum() <= 1
    assert abs(calibrate_presence(model, crops, truth)) < 1e-4  # nothing is left to take off
    truth[:, -2] = 1
    assert calibrate_presence(model, crops, truth) == 0


RUN = """
import sys
from training.__main__ import main
arguments = "mesh --data data --out run --epochs 1 --batches 2 --limit 3"
assert main(arguments.split()) == 0
assert main([*arguments.split(), "--resume"]) == 0
again = "mesh --data data --out next --epochs 1 --batches 1 --limit 3 --start run/models/mesh"
assert main(again.split()) == 0
sys.exit(main(["mesh", "--data", "nowhere"]))
"""


def write_zip(
    data: Path, name: str, pictures: list[str], picture: bytes, *, table: str = ""
) -> None:
    with zipfile.ZipFile(data / f"{name}.zip", "w") as archive:
        for path in pictures:
            archive.writestr(f"{name}/{path}", picture)
        if table:
            file = "points.csv" if name == "landmarks_300w" else "boxes.csv"
            archive.writestr(f"{name}/{file}", table)


@pytest.mark.timeout(900)  # slow on a busy machine
def test_training_runs_resumes_and_exports(astronaut: Frame, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    picture = cv2.imencode(".png", astronaut[:320, 80:400])[1].tobytes()
    plain = cv2.imencode(".png", np.full((160, 160, 3), 90, np.uint8))[1].tobytes()
    names = [f"{i}.png" for i in range(3)]
    write_zip(data, "utkface", [f"train/{n}" for n in names], picture)
    write_zip(data, "expressions_oval", [f"happy/{n}" for n in names], picture)
    write_zip(data, "mask_faces", [f"web/with_mask/{n}" for n in names], picture)
    write_zip(data, "masked_web", [f"web/{n}" for n in names], picture)
    write_zip(data, "lfw_gender", [f"male/{n}" for n in names], picture)
    write_zip(data, "scenes_without_faces", names, plain)
    box = "90,60,210,240"
    rows = "".join(f"{n},train,{box},with_mask\n" for n in names)
    table = f"path,split,x0,y0,x1,y1,label\n{rows}"
    write_zip(data, "mask_scenes", names, picture, table=table)
    rows = "".join(f"{n},{box},0,0,0,0,0,0\n" for n in names)
    head = "path,x0,y0,x1,y1,invalid,blur,expression,illumination,occlusion,pose"
    write_zip(data, "wider_train", names, picture, table=f"{head}\n{rows}")
    marks = ",".join(f"{100 + 2 * i % 110},{80 + 7 * i % 140}" for i in range(68))
    rows = "".join(f"train/helen/{n},{marks}\n" for n in names)
    head = "path," + ",".join(f"x{i},y{i}" for i in range(68))
    write_zip(
        data, "landmarks_300w", [f"train/helen/{n}" for n in names], picture,
        table=f"{head}\n{rows}",
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr[-2000:]
    assert "Data folder nowhere not found" in done.stderr.splitlines()[-1]
    model = models.load("mesh", root=tmp_path / "run" / "models")
    assert dict(model.card["heads"]) == {"points": 1404, "presence": 1}
    assert model.card["training"]["epochs"] == 1
