"""Gender: labels, data preparation, eigenfaces and groups, on synthetic faces."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute import eigenfaces as runtime
from realtime.core.faces import F32, Frame
from training.crops import CropSpec
from training.data import DataError
from training.gender import eigenfaces, prepare, sources
from training.gender.evaluate import accuracy_by_group, groups_of
from training.gender.faces import GenderSet
from training.gender.prepare import MIN_FACE_PX, SIDE_PX, Prepared
from training.gender.sources import LabelledPicture, parse_labels, part_of, source


def synthetic_faces(count: int, seed: int = 0) -> Prepared:
    """Noisy faces, brighter at the bottom for one label and at the top for the other."""
    rng = np.random.default_rng(seed)
    label = np.arange(count) % 2
    slope = np.linspace(-40, 40, SIDE_PX)[None, :, None] * (label * 2 - 1)[:, None, None]
    noise = rng.normal(0, 30, (count, SIDE_PX, SIDE_PX))
    crops = np.clip(128 + slope + noise, 0, 255).astype(np.uint8)
    pictures = [LabelledPicture(f"{i}", int(k)) for i, k in enumerate(label)]
    return Prepared(crops, label, np.full(count, 80, np.float32), [], [], pictures)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train/26_0_1_00000.webp", LabelledPicture("train/26_0_1_00000.webp", 0, 26, 1)),
        ("7_1_4_20170109.jpg.chip.jpg", LabelledPicture("7_1_4_20170109.jpg.chip.jpg", 1, 7, 4)),
        ("Female/a.png", LabelledPicture("Female/a.png", 1)),
        ("x/male/26 years.png", LabelledPicture("x/male/26 years.png", 0)),
        ("26_2_1_0.jpg", None),
        ("26_1_20170109.jpg", None),
        ("other/a.png", None),
        ("", None),
    ],
)
def test_labels_from_paths(path: str, expected: LabelledPicture | None) -> None:
    assert parse_labels(path) == expected


@given(st.text())
def test_any_path_is_parsed(path: str) -> None:
    face = parse_labels(path)
    assert face is None or face.label in (0, 1)


def test_own_folder(tmp_path: Path) -> None:
    for name in ("male", "female", "notes"):
        (tmp_path / name).mkdir()
        for i in range(40):
            cv2.imwrite(str(tmp_path / name / f"{i}.png"), np.full((8, 8, 3), i, np.uint8))
    parts = {part: source(tmp_path, part) for part in ("train", "val", "test")}  # type: ignore[arg-type]
    assert sum(len(s) for s in parts.values()) == 80
    assert len(parts["train"]) > 55
    first = parts["train"]
    shown = next(first.pictures())
    assert shown[0, 0, 0] == int(Path(first.faces[0].path).stem)
    assert len(source(tmp_path, "other")) == 0
    assert part_of("a.png") == part_of("a.png")


def test_folder_without_labelled_pictures(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no male or no female pictures"):
        source(tmp_path, "train")


def test_cascade_detects_a_face_and_none_in_an_empty_picture(astronaut: Frame) -> None:
    detect = prepare.HaarDetector()
    box = detect(astronaut)
    assert box is not None
    assert box.shape == (1, 4)
    assert box[0, 2] - box[0, 0] > MIN_FACE_PX
    assert detect(np.full((120, 120, 3), 90, np.uint8)) is None


def test_missed_and_small_faces_are_listed(
    tmp_path: Path, astronaut: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head = astronaut[20:230, 120:330]
    pictures = {"face": head, "tiny": cv2.resize(head, (94, 94)), "none": np.full_like(head, 90)}
    for label in ("male", "female"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for name, picture in pictures.items():
            cv2.imwrite(str(tmp_path / "data" / label / f"{name}.png"), picture)
    monkeypatch.setattr(sources, "part_of", lambda name: "train")
    prepared = prepare.prepare(tmp_path / "data", "train")
    assert [Path(f.path).stem for f in prepared.missed] == ["none", "none"]
    assert [Path(f.path).stem for f in prepared.small] == ["tiny", "tiny"]
    assert prepared.crops.shape == (2, SIDE_PX, SIDE_PX)
    assert sorted(prepared.label) == [0, 1]
    (row, _) = prepared.counts()
    assert list(row.values()) == ["male", 3, 1, 1, 1]


def test_flatten_normalises_contrast() -> None:
    rng = np.random.default_rng(0)
    crops = rng.integers(50, 150, (3, 10, 10)).astype(np.uint8)
    vectors = runtime.flatten(crops)
    assert vectors.shape == (3, 100)
    assert vectors.min(axis=1) == pytest.approx([0, 0, 0])
    assert vectors.max(axis=1) == pytest.approx([1, 1, 1])
    np.testing.assert_allclose(runtime.flatten(crops + 40), vectors, atol=1e-6)
    assert np.isfinite(runtime.flatten(np.zeros((1, 4, 4), np.uint8))).all()


def test_eigenfaces_are_partially_whitened() -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((400, 30)) * np.geomspace(10, 0.1, 30)).astype(np.float32)
    partial = eigenfaces.Eigenfaces(8).fit(x)
    weights = partial.transform(x)
    variance = weights.var(axis=0)
    assert variance.sum() == pytest.approx(1, rel=0.02)
    plain = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[:8]
    np.testing.assert_allclose(variance / variance[0], plain / plain[0], rtol=0.1)
    stored = partial.to_pca()
    np.testing.assert_allclose(stored.transform(x), weights, atol=1e-4)
    spread: F32 = runtime._standardised(weights, stored).std(axis=0)
    np.testing.assert_allclose(spread, 1, rtol=0.02)


def test_saved_model_loads(tmp_path: Path) -> None:
    train, validation = synthetic_faces(60), synthetic_faces(20, seed=1)
    grid = [{"pca__n_components": [4], "svm__C": [1.0], "svm__kernel": ["rbf"]}]
    search = eigenfaces.search(train.vectors(), train.label, grid=grid)
    assert search.rows[0]["accuracy"] > 0.9
    classifier = eigenfaces.train(train, validation, search.best)
    path = tmp_path / "model.skops"
    eigenfaces.save(classifier, path)
    prob = classifier.predict_proba(validation.vectors())
    assert (prob.argmax(axis=1) == validation.label).all()
    # The loaded model equals the one rounded in place.
    from skops import io

    read = io.load(path, trusted=runtime.TRUSTED)
    np.testing.assert_array_equal(read.predict_proba(validation.vectors()), prob)
    assert io.get_untrusted_types(file=path) == sorted(runtime.TRUSTED)
    mean, faces, share = eigenfaces.components(classifier)
    assert mean.shape == (SIDE_PX, SIDE_PX)
    assert faces.shape == (4, SIDE_PX, SIDE_PX)
    assert 0 < share.sum() <= 1


def test_rounding_keeps_type_and_approximate_value() -> None:
    values = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    result = eigenfaces.round_mantissa(values)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, values, rtol=2**-11)
    assert len(np.unique(result.view(np.uint32) & 0xFFF)) == 1


def test_accuracy_by_group() -> None:
    age = np.array([20, 20, 35, 70, -1])
    race = np.array([0, 1, 1, 4, -1])
    label = np.array([0, 1, 1, 1, 0])
    shown = GenderSet(
        "x", np.zeros((5, 2, 2, 1), np.uint8), label, age, race,
        np.zeros((5, 30, 2), np.float32), np.zeros(5, np.float32),
    )  # fmt: skip
    assert list(groups_of(shown)) == [
        "age 16 to 29", "age 30 to 44", "age 60 and over", "race White", "race Black", "race other",
    ]  # fmt: skip
    prob = np.eye(2, dtype=np.float32)[[0, 0, 1, 1, 0]]
    rows = {name: (n, a["value"]) for name, n, a in accuracy_by_group(shown, prob)}
    assert rows["age 16 to 29"] == (2, 0.5)
    assert rows["age 16 to 29, male"] == (1, 1.0)
    assert rows["race Black, female"] == (2, 0.5)


def test_training_and_test_crops_have_the_same_geometry() -> None:
    assert prepare.SPEC == CropSpec(100, prepare.ZOOM, gray=True)
