"""FER-2013 in each of its formats, and the error messages."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import EMOTION
from training.crops import CropSpec
from training.data import DataError
from training.emotion.fer import read_fer
from training.emotion.fer_csv import USAGES, read_csv, read_votes
from training.emotion.fer_labels import VOTES
from training.emotion.fer_rows import SPLITS, UNVOTED, VOTED, digest
from training.emotion.fer_sources import open_rows

FER_PLUS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
FER_PLUS_COLUMNS = ("Usage", "Image name", *FER_PLUS, "contempt", "unknown", "NF")


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cache of these synthetic sets out of the project's."""
    monkeypatch.chdir(tmp_path)


def face(number: int) -> np.ndarray:
    """A random picture (48, 48), different for each number."""
    return np.random.default_rng(number).integers(0, 256, (48, 48)).astype(np.uint8)


def pixels(picture: np.ndarray) -> str:
    return " ".join(map(str, picture.ravel()))


def write_csv(
    path: Path,
    rows: Sequence[Sequence[object]],
    header: Sequence[str] = ("emotion", "pixels", "Usage"),
) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def two_per_usage(usages: Sequence[str] = tuple(USAGES.values())) -> list[list[object]]:
    """Two rows of each usage; row 1 is repeated in the private test."""
    rows: list[list[object]] = [
        [(2 * i + j) % 7, pixels(face(2 * i + j)), usage]
        for i, usage in enumerate(usages)
        for j in (0, 1)
    ]
    rows[5][1] = rows[1][1]
    return rows


def votes_for(rows: Sequence[Sequence[object]], word: str = "fear") -> list[list[object]]:
    return [
        [
            row[2],
            f"fer{i:07d}.png",
            *(8 if w == word else 2 * (w == "NF") for w in (*FER_PLUS, *VOTES[7:])),
        ]
        for i, row in enumerate(rows)
    ]


def write_folders(place: Path, *, each: int = 1, validation: bool = False) -> Path:
    """Kaggle's folders; the first training picture is also in the test."""
    number = 0
    for split in ("train", "test", *(["validation"] if validation else [])):
        for label in EMOTION.labels:
            folder = place / split / label
            folder.mkdir(parents=True)
            for i in range(each if split == "train" else 1):
                cv2.imwrite(str(folder / f"{i}.png"), face(number))
                number += 1
    cv2.imwrite(str(place / "test" / "angry" / "0.png"), face(0))
    return place


@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv", "fer2013/fer2013.csv"])
def test_csv_without_votes(tmp_path: Path, name: str) -> None:
    # The header of icml_face_data.csv has spaces before its names, and a different order.
    header = ("emotion", " Usage", " pixels")
    write_csv(tmp_path / name, [[e, u, p] for e, p, u in two_per_usage()], header)
    for i, split in enumerate(SPLITS):
        with open_rows(tmp_path, split) as rows:
            assert rows.official.tolist() == rows.majority.tolist() == [2 * i, 2 * i + 1]
            assert rows.votes is None
            assert rows.truth == UNVOTED
            assert rows.name == f"{Path(name).name} {USAGES[split]}"
            assert rows.in_test.tolist() == [False, split == "train"]
            np.testing.assert_array_equal(rows.picture(0)[..., 1], face(2 * i))


def test_csv_with_votes(tmp_path: Path) -> None:
    write_csv(tmp_path / "fer2013.csv", two_per_usage())
    write_csv(tmp_path / "fer2013new.csv", votes_for(two_per_usage()), FER_PLUS_COLUMNS)
    faces = read_fer(tmp_path, "public_test", CropSpec(32, 1.0, True))
    assert faces.crops.shape == (2, 32, 32, 1)
    assert faces.truth == VOTED
    assert faces.official.tolist() == [2, 3]
    assert faces.majority.tolist() == [EMOTION.labels.index("fear")] * 2
    np.testing.assert_allclose(faces.soft, np.eye(7)[faces.majority])
    np.testing.assert_allclose(faces.other, 0.2)


def test_without_votes_soft_labels_are_the_official_ones(tmp_path: Path) -> None:
    write_csv(tmp_path / "fer2013.csv", two_per_usage())
    faces = read_fer(tmp_path, "train", CropSpec(32, 1.0, True), limit=1)
    assert (faces.truth, faces.source) == (UNVOTED, "fer2013.csv Training")
    np.testing.assert_array_equal(faces.soft, np.eye(7)[[0]])
    assert faces.other.tolist() == [0]
    assert faces[:1].truth == UNVOTED


def test_changed_csv_is_read_again(tmp_path: Path) -> None:
    write_csv(tmp_path / "fer2013.csv", two_per_usage())
    with open_rows(tmp_path, "train") as rows:
        before = rows.fingerprint
    write_csv(tmp_path / "fer2013.csv", [*two_per_usage(), [6, pixels(face(9)), "Training"]])
    with open_rows(tmp_path, "train") as rows:
        assert rows.official.tolist() == [0, 1, 6]
        assert rows.fingerprint != before


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([7, pixels(face(0)), "Training"], "emotion '7' is not one of 0 to 6"),
        (["", pixels(face(0)), "Training"], "emotion ''"),
        ([0, pixels(face(0))[:-4], "Training"], r"230\d pixels instead of 2304 \(48 x 48\)"),
        ([0, "", "Training"], "0 pixels"),
        ([0, pixels(face(0)).replace(" ", " x", 1), "Training"], "pixels are not all numbers"),
        (
            [0, pixels(face(0) * 0 - 1).replace("255", "256"), "Training"],
            "pixels outside 0 to 255",
        ),
        ([0, pixels(face(0)), "Test"], "Usage 'Test' is not one of Training, PublicTest"),
        ([0, pixels(face(0))], "2 cells, but 3 columns"),
    ],
)
def test_invalid_rows(tmp_path: Path, row: list[object], message: str) -> None:
    path = write_csv(tmp_path / "fer2013.csv", [*two_per_usage(), row])
    with pytest.raises(DataError, match=rf"^Row 7 of .*fer2013\.csv: {message}"):
        read_csv(path)


def test_invalid_csv_files(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fer2013.csv", [], ("emotion", "pixels"))
    with pytest.raises(DataError, match=r"fer2013\.csv has no column Usage\.$"):
        read_csv(path)
    with pytest.raises(DataError, match=r"fer2013\.csv contains no rows\.$"):
        read_csv(write_csv(path, []))
    path.write_bytes(b"")
    with pytest.raises(DataError, match="has no column emotion, pixels, Usage"):
        read_csv(path)
    path.write_bytes(b"emotion,pixels,Usage\n0,\xff\xfe,Training\n")
    with pytest.raises(DataError, match=r"Cannot read .* as CSV"):
        read_csv(path)
    write_csv(path, [row for row in two_per_usage() if row[2] != "PublicTest"])
    with pytest.raises(DataError, match=r"^fer2013\.csv PublicTest contains no pictures\.$"):
        read_fer(tmp_path, "public_test", CropSpec(32, 1.0, True))


def test_votes_that_do_not_match_the_pictures(tmp_path: Path) -> None:
    usages = [str(row[2]) for row in two_per_usage()]
    path = tmp_path / "fer2013new.csv"
    votes = votes_for(two_per_usage())
    write_csv(path, votes[1:], FER_PLUS_COLUMNS)
    with pytest.raises(DataError, match=r"fer2013new\.csv has 5 rows, but there are 6 pictures"):
        read_votes(path, usages)
    write_csv(path, votes[::-1], FER_PLUS_COLUMNS)
    with pytest.raises(
        DataError, match=r"Row 1 of .*: Usage is 'PrivateTest', but its picture has 'Train"
    ):
        read_votes(path, usages)
    votes[2][4] = "many"
    write_csv(path, votes, FER_PLUS_COLUMNS)
    with pytest.raises(DataError, match=r"Invalid vote in .*fer2013new\.csv: could not convert"):
        read_votes(path, usages)
    write_csv(path, votes, ["Usage", "Image name", *FER_PLUS, "contempt", "unknown", "no face"])
    with pytest.raises(DataError, match=r"has no column NF\.$"):
        read_votes(path, usages)


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 2**32 - 1), st.integers(0, 2)),
        min_size=1,
        max_size=5,
    ),
    st.permutations(["emotion", "pixels", "Usage", "more"]),
    st.sampled_from(["", " ", "  "]),
)
def test_csv_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, int, int]],
    order: list[str],
    blank: str,
) -> None:
    cells = [
        {
            "emotion": f"{blank}{emotion}",
            "pixels": blank + pixels(face(seed)),
            "Usage": blank + list(USAGES.values())[usage],
            "more": "x, y",
        }
        for emotion, seed, usage in rows
    ]
    path = tmp_path_factory.mktemp("csv") / "fer2013.csv"
    write_csv(path, [[cell[h] for h in order] for cell in cells], [blank + h for h in order])
    arrays = read_csv(path)
    assert arrays["official"].tolist() == [emotion for emotion, _, _ in rows]
    assert arrays["usage"].tolist() == [usage for _, _, usage in rows]
    np.testing.assert_array_equal(arrays["pixels"], [face(seed) for _, seed, _ in rows])


@given(st.binary(max_size=200), st.booleans())
def test_garbage_raises_data_error(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes, head: bool
) -> None:
    path = tmp_path_factory.mktemp("csv") / "fer2013.csv"
    path.write_bytes((b"emotion,pixels,Usage\n" if head else b"") + garbage)
    with pytest.raises(DataError):
        read_csv(path)


@pytest.mark.parametrize("inside", ["", "fer2013"])
def test_folders_hold_out_a_part_of_train_for_validation(tmp_path: Path, inside: str) -> None:
    write_folders(tmp_path / inside, each=12)
    digests = {}
    for split in SPLITS:
        with open_rows(tmp_path, split) as rows:
            pictures = [rows.picture(i)[..., 0] for i in range(len(rows.official))]
            digests[split] = {digest(p) for p in pictures}
            assert rows.truth == UNVOTED
            assert rows.majority.tolist() == rows.official.tolist()
            # Only the first training picture, which is also in the test.
            assert rows.in_test.sum() == (digest(face(0)) in digests[split]) * (split != SPLITS[2])
    assert len(digests["train"]) + len(digests["public_test"]) == 7 * 12
    assert 0 < len(digests["public_test"]) < 30
    assert not digests["train"] & digests["public_test"]
    assert len(digests["private_test"]) == 7


def test_near_duplicates_are_held_out_together(tmp_path: Path) -> None:
    write_folders(tmp_path)
    for i in range(40):
        for label in ("sad", "happy"):
            cv2.imwrite(str(tmp_path / "train" / label / f"duplicate{i}.png"), face(500 + i))
    sides = []
    for split in SPLITS[:2]:
        with open_rows(tmp_path, split) as rows:
            sides.append({digest(rows.picture(i)) for i in range(len(rows.official))})
    assert not sides[0] & sides[1]


def test_validation_folder_is_the_public_test(tmp_path: Path) -> None:
    write_folders(tmp_path, validation=True)
    (tmp_path / "train" / "sad").rename(tmp_path / "train" / "sadness")
    for split, name in zip(SPLITS, ("train/", "validation/", "test/"), strict=True):
        faces = read_fer(tmp_path, split, CropSpec(32, 1.0, True))
        assert faces.source == name
        assert sorted(faces.official) == list(range(7))
        assert faces.in_test.tolist() == [split == "train" and k == 0 for k in faces.official]


def test_invalid_folders(tmp_path: Path) -> None:
    write_folders(tmp_path)

    def message() -> str:
        with pytest.raises(DataError) as caught:
            read_fer(tmp_path, "train", CropSpec(32, 1.0, True))
        return str(caught.value)

    broken = tmp_path / "train" / "sad" / "broken.jpg"
    broken.write_bytes(b"no picture")
    assert message() == f"{broken} is not a picture."
    broken.write_bytes(b"")
    assert message() == f"{broken} is not a picture."
    broken.unlink()
    (tmp_path / "test" / "contempt").mkdir()
    assert message().startswith(
        f"{tmp_path / 'test' / 'contempt'} is not a known class. Use one of: angry"
    )
    (tmp_path / "test" / "contempt").rmdir()
    (tmp_path / "train" / "fear" / "0.png").unlink()
    assert message().startswith(f"{tmp_path / 'train' / 'fear'} contains no pictures (.png")
    (tmp_path / "train" / "fear").rmdir()
    assert message() == f"Folders missing from {tmp_path / 'train'}: fear."


def test_missing_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"FER-2013 not found in .* Add fer2013\.zip, fer2013\.csv"):
        open_rows(tmp_path, "train")
    with pytest.raises(DataError, match=r"Data folder .*nowhere not found\. Set it with --data\."):
        open_rows(tmp_path / "nowhere", "train")
    with pytest.raises(DataError, match=r"no split 'validation'. Use one of: train, public_test"):
        open_rows(tmp_path, "validation")


def test_zip_file_takes_precedence(tmp_path: Path) -> None:
    write_folders(tmp_path)
    header = ["path", "split", "fer2013_label", "ferplus_majority", "also_in_test"]
    header += [f"votes_{name}" for name in VOTES]
    lines = [
        ",".join(header),
        "train/a.png,train,sad,sadness,1,0,0,0,0,8,0,0,2,0,0",
        'train/b.png,train,"sad,fear",tie,0,0,0,4,0,4,0,0,0,0,0',
    ]
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w") as archive:
        archive.writestr("fer2013/labels.csv", "\n".join(lines))
        for name in "ab":
            archive.writestr(
                f"fer2013/train/{name}.png", cv2.imencode(".png", face(1))[1].tobytes()
            )
    faces = read_fer(tmp_path, "train", CropSpec(32, 1.0, True))
    assert (faces.truth, faces.source) == (VOTED, "fer2013.zip train")
    assert faces.majority.tolist() == [4, -1]
    assert faces.official.tolist() == [4, -1]
    assert faces.in_test.tolist() == [True, False]
    np.testing.assert_allclose(faces.other, [0.2, 0])
    np.testing.assert_allclose(faces.soft[1], [0, 0, 0.5, 0, 0.5, 0, 0])


def test_digest_depends_on_pixels_and_shape() -> None:
    assert digest(face(0)) == digest(face(0).copy())
    assert digest(face(0)) != digest(face(1))
    assert digest(face(0)) != digest(face(0).reshape(24, 96))
