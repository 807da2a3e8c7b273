"""Folds: each picture is tested once, and no picture is learned and tested at the same time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import MASK
from training.crops import CropSpec, centre
from training.mask import pool
from training.mask.folds import NAME, Fold, run_folds
from training.mask.sets import MaskSet
from training.near_duplicates import joined
from training.report import Evaluation
from training.results import Results

GROUPS = st.lists(st.integers(0, 2**62), max_size=50).map(lambda x: np.array(x, np.int64))


@given(GROUPS, st.integers(2, 7))
def test_each_face_is_in_one_fold(groups: np.ndarray, count: int) -> None:
    held = np.array([Fold(i, count).holds(groups) for i in range(count)])
    assert (held.sum(axis=0) == 1).all()


def test_sources_that_share_a_picture_share_its_group() -> None:
    """`wider_train` and its hard faces are the same pictures, with other group numbers."""
    codes = np.arange(40, dtype=np.uint8).reshape(5, 8)
    every, hard, other = joined(
        [np.array([0, 0, 1, 2, 2]), np.array([0, 1]), np.array([7, 8])],
        [codes, codes[[1, 4]], np.vstack([codes[2] + 100, codes[3]])],
    )
    assert every[0] == every[1] == hard[0]
    assert every[3] == every[4] == hard[1] == other[1]
    assert len({*every, *hard, *other}) == 4
    alone = joined([np.array([0, 0, 1, 2, 2])], [codes])[0]
    assert alone.tolist() == every.tolist()  # the same split with or without the other sources


def test_nothing_to_join() -> None:
    nothing = np.zeros(0, np.int64), np.zeros((0, 8), np.uint8)
    assert [len(g) for g in joined([nothing[0]], [nothing[1]])] == [0]
    assert joined([], []) == []


def mask_set(name: str, codes: np.ndarray, seed: int) -> MaskSet:
    """A face per picture, each its own group, of side 60 and of all labels in turn."""
    rng, n = np.random.default_rng(seed), len(codes)
    return MaskSet(
        name,
        crops=rng.integers(0, 256, (n, 60, 60, 3), np.uint8),
        label=np.arange(n) % len(MASK.labels),
        side_px=np.full(n, 60, np.float32),
        group=np.arange(n),
        code=codes,
        presence=np.ones(n, np.float32),
        boxed_px=np.full(n, 60, np.float32),
        outline=np.zeros((n, 30, 2), np.float32),
        yaw_deg=np.zeros(n, np.float32),
    )


def test_no_picture_is_learned_and_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    train, val = np.random.default_rng(0).integers(0, 256, (2, 90, 8), np.uint8)
    sources = {
        "mask_scenes/train": mask_set("mask_scenes/train", train, 1),
        "mask_scenes/train, detected": mask_set("mask_scenes/train", train, 2),
        "mask_scenes/val": mask_set("mask_scenes/val", val, 3),
        "mask_scenes/val, detected": mask_set("mask_scenes/val", val, 4),
    }
    picture = {
        crop.tobytes(): code.tobytes()
        for s in sources.values()
        for crop, code in zip(centre(s.crops, 48), s.code, strict=True)
    }
    monkeypatch.setattr(pool, "read_sources", lambda *_, **__: sources)
    spec = CropSpec(48, 1.0, gray=False)
    seen: list[bytes] = []
    for index in range(3):
        read = pool.read_pool.__wrapped__(Path(), spec, share=0.1, seed=0, fold=Fold(index, 3))
        assert read.tested is not None
        tested, learned, chosen = (
            {picture[c.tobytes()] for c in crops}
            for crops in (read.tested.crops, centre(read.crops, 48), read.validation.crops)
        )
        assert len(tested) == len(read.tested.crops)  # each as detected, not by its box as well
        assert all((tested, learned, chosen))
        assert not tested & (learned | chosen)
        assert not learned & chosen
        seen += tested
    assert sorted(seen) == sorted({code.tobytes() for code in np.concatenate([train, val])})


def test_one_fold_learns_nothing_of_mask_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes, web = np.random.default_rng(0).integers(0, 256, (2, 60, 8), np.uint8)
    sources = {
        "mask_scenes/train": mask_set("mask_scenes/train", scenes, 1),
        "mask_scenes/train, detected": mask_set("mask_scenes/train", scenes, 2),
        "masked_web": mask_set("masked_web", web, 3),
    }
    monkeypatch.setattr(
        pool, "REPEATS", {**pool.REPEATS, "masked_web": pool.REPEATS["mask_scenes/train"]}
    )
    monkeypatch.setattr(pool, "read_sources", lambda *_, **__: sources)
    spec = CropSpec(48, 1.0, gray=False)
    read = pool.read_pool.__wrapped__(Path(), spec, share=0.1, seed=0, fold=Fold(0, 1))
    assert read.sources == ("masked_web",)
    assert read.tested is not None
    assert len(read.tested) == len(scenes)
    assert len(read.crops) + len(read.validation.crops) == len(web)


def test_no_fold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--folds needs at least 1"):
        run_folds(0, tmp_path, lambda *_: Results())


def test_the_answers_of_all_folds_are_one_result(tmp_path: Path) -> None:
    eye = np.eye(len(MASK.labels), dtype=np.float32)
    truth = np.array([0, 1, 2, 2])

    def run(fold: Fold, folder: Path) -> Results:
        folder.mkdir()
        results = Results()
        said = truth if fold.index else np.array([0, 1, 2, 0])
        results.add(Evaluation("part", "boxes", MASK.labels, truth, eye[said]))
        return results

    results = run_folds(2, tmp_path, run)
    assert results.metrics[NAME]["n"] == 8
    assert results.metrics[NAME]["per_class"]["incorrect"]["recall"] == 0.75
    assert any(line.startswith("incorrect: 4 faces, recall 0.750 [") for line in results.lines)
    assert (tmp_path / "metrics.json").is_file()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["fold-1", "fold-2"]
