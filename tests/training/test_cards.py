"""Model cards name the data sets that the network learned from, and no others."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.attribute.registry import EMOTION, MASK
from training.card import OWN_PICTURES, TrainingSet, network_card, record_sets, recorded_sets
from training.crops import CropSpec
from training.emotion import task as emotion
from training.gender import cnn
from training.mask import task as mask


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cache of these synthetic sets out of the project's."""
    monkeypatch.chdir(tmp_path)


def png(seed: int) -> bytes:
    picture = np.random.default_rng(seed).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    return cv2.imencode(".png", picture)[1].tobytes()


def write_zip(data: Path, name: str, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(data / f"{name}.zip", "w") as archive:
        for path, content in files.items():
            archive.writestr(f"{name}/{path}", content)


def crops12k(count: int = 30) -> dict[str, bytes]:
    return {
        f"crops12k/train/{label}/{i}.png": png(2 * i + k)
        for i in range(count)
        for k, label in enumerate(MASK.labels[:2])
    }


def names(data: Path, config: mask.MaskConfig) -> list[str]:
    return [entry.name for entry in mask.sets(data, config)]


def test_mask_card_names_only_sets_in_the_data_folder(tmp_path: Path) -> None:
    write_zip(tmp_path, "mask_faces", crops12k())
    assert names(tmp_path, mask.MaskConfig()) == ["mask_faces crops12k train"]


def test_mask_card_names_own_pictures(tmp_path: Path) -> None:
    for label in MASK.labels[:2]:
        (tmp_path / label).mkdir()
        for i in range(30):
            (tmp_path / label / f"{i}.png").write_bytes(png(i))
    assert names(tmp_path, mask.MaskConfig()) == ["a folder of one's own pictures"]


def test_mask_card_names_no_set_without_training_faces(tmp_path: Path) -> None:
    write_zip(tmp_path, "mask_faces", crops12k())
    write_zip(tmp_path, "utkface", {"test/1_0_0_0.png": png(0)})  # no pictures in train/
    assert names(tmp_path, mask.MaskConfig()) == ["mask_faces crops12k train"]


def write_fer_csv(data: Path, *, votes: bool) -> None:
    table = io.StringIO("emotion,pixels,Usage\n")
    table.seek(0, io.SEEK_END)
    for usage in ("Training", "PublicTest", "PrivateTest"):
        table.write(f"3,{' '.join(['9'] * 48 * 48)},{usage}\n")
    (data / "fer2013.csv").write_text(table.getvalue())
    if votes:
        from training.emotion.fer_labels import VOTES

        rows = [f"{usage},{','.join(['2'] * 10)}" for usage in ("Training", "PublicTest")]
        rows.append(f"PrivateTest,{','.join(['2'] * 10)}")
        (data / "fer2013new.csv").write_text("\n".join([f"Usage,{','.join(VOTES)}", *rows]))


@pytest.mark.parametrize("votes", [True, False])
def test_emotion_card_names_votes_only_if_there_are_any(tmp_path: Path, votes: bool) -> None:
    write_fer_csv(tmp_path, votes=votes)
    (entry,) = emotion.sets(tmp_path, emotion.EmotionConfig())
    assert ("FER+ votes" in entry.name) == votes
    assert ("votes: Microsoft" in entry.terms) == votes


def test_emotion_card_names_expressions_oval_only_if_used(tmp_path: Path) -> None:
    write_fer_csv(tmp_path, votes=False)
    write_zip(tmp_path, "expressions_oval", {f"{k}/0.png": png(0) for k in EMOTION.labels})
    config = emotion.EmotionConfig()
    assert len(emotion.sets(tmp_path, config)) == 1
    used = emotion.sets(tmp_path, replace(config, oval=0.5))
    assert [entry.name for entry in used][1:] == ["expressions_oval"]


def test_gender_card_names_own_pictures_or_utkface(tmp_path: Path) -> None:
    assert cnn.sets(tmp_path, cnn.GenderConfig())[0].name == "a folder of one's own pictures"
    write_zip(tmp_path, "utkface", {})
    assert cnn.sets(tmp_path, cnn.GenderConfig())[0].name == "UTKFace train, a part"


def test_recorded_sets_include_those_of_earlier_runs(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    other = TrainingSet(name="other", terms="CC BY 4.0")
    assert recorded_sets(first) == []
    record_sets(first, [other])
    record_sets(second, [OWN_PICTURES], earlier=[first])
    assert recorded_sets(second) == [other, OWN_PICTURES]
    record_sets(second, [OWN_PICTURES], earlier=[second])  # resumed without the other set
    assert recorded_sets(second) == [other, OWN_PICTURES]
    record_sets(second, [OWN_PICTURES])  # trained again, from random weights
    assert recorded_sets(second) == [OWN_PICTURES]


def test_card_lists_names_and_terms() -> None:
    card = network_card(
        "demo",
        ("a", "b"),
        limits=(),
        spec=CropSpec(8, 1.0, gray=True),
        unsure={},
        training={"seed": 0},
        sets=[OWN_PICTURES],
        speed={},
        metrics={},
    )
    assert card["training"]["sets"] == ["a folder of one's own pictures"]
    assert card["training"]["terms"] == ["a folder of one's own pictures: their owner's"]
