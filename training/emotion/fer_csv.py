"""FER-2013 as Kaggle's CSV file, one picture per row, optionally with FER+ votes.

The CSV file: columns emotion, pixels and Usage, https://www.kaggle.com/c/challenges-in-representation-
learning-facial-expression-recognition-challenge. The votes: https://github.com/microsoft/FERPlus.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32, Frame
from training.crops import Arrays, cached
from training.data import DataError
from training.emotion.fer_labels import VOTES, majority_of, votes_table
from training.emotion.fer_rows import FerRows, digest
from training.folders import fingerprint

NAMES = ("fer2013.csv", "icml_face_data.csv")
VOTES_NAME = "fer2013new.csv"
SIDE = 48
USAGES = {"train": "Training", "public_test": "PublicTest", "private_test": "PrivateTest"}


@contextmanager
def csv_rows(path: Path, split: str) -> Iterator[FerRows]:
    """A split of a CSV file, with the votes of fer2013new.csv in the same folder, if it exists.

    Args:
        path: the CSV file.
        split: a key of `USAGES`.

    Raises:
        DataError: a column is missing, a row is malformed, or the votes do not match the rows.
    """
    votes_path = path.with_name(VOTES_NAME)
    files = [path, votes_path] if votes_path.is_file() else [path]
    stamp = fingerprint(files)
    # Cached, because parsing 300 MB of numbers is slow.
    arrays = cached("fer2013-csv", {"files": stamp}, lambda: read_csv(path))
    usage, pixels = arrays["usage"], arrays["pixels"]
    votes = None
    if votes_path.is_file():
        votes = read_votes(votes_path, [list(USAGES.values())[u] for u in usage])
    test_digests = {digest(p) for p in pixels[usage != 0]}
    index = np.flatnonzero(usage == list(USAGES).index(split))
    pixels, official = pixels[index], arrays["official"][index]
    in_test = [split == "train" and digest(p) in test_digests for p in pixels]

    def picture(i: int) -> Frame:
        return np.asarray(cv2.cvtColor(pixels[i], cv2.COLOR_GRAY2BGR), np.uint8)

    yield FerRows(
        f"{path.name} {USAGES[split]}",
        stamp,
        picture,
        official,
        None if votes is None else votes[index],
        official if votes is None else majority_of(votes[index]),
        np.array(in_test, bool),
    )


def read_csv(path: Path) -> Arrays:
    """All rows of a FER-2013 CSV file.

    Returns:
        `pixels` (n, 48, 48) uint8, `official` (n,) int64, positions in `EMOTION.labels`, and
        `usage` (n,) int64, positions in `USAGES`.

    Raises:
        DataError: a column is missing or a row is malformed; the message names the row.
    """
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    usages: list[int] = []
    names = list(USAGES.values())
    for number, row in _rows(path, ("emotion", "pixels", "Usage")):
        where = f"Row {number} of {path}"
        emotion, usage = row["emotion"].strip(), row["Usage"].strip()
        if emotion not in map(str, range(len(EMOTION.labels))):
            raise DataError(f"{where}: emotion {emotion!r} is not one of 0 to 6.")
        if usage not in names:
            raise DataError(f"{where}: Usage {usage!r} is not one of {', '.join(names)}.")
        pixels.append(_face(row["pixels"], where))
        labels.append(int(emotion))  # `EMOTION.labels` has Kaggle's order
        usages.append(names.index(usage))
    if not pixels:
        raise DataError(f"{path} contains no rows.")
    return {
        "pixels": np.stack(pixels),
        "official": np.array(labels, np.int64),
        "usage": np.array(usages, np.int64),
    }


def read_votes(path: Path, usages: Sequence[str]) -> F32:
    """FER+ votes (n, 10) in the order of `VOTES`.

    Args:
        path: fer2013new.csv.
        usages: the Usage of each row of the picture file, to check that the rows match.

    Raises:
        DataError: the rows do not match, a column is missing, or a vote is not a number.
    """
    numbered = list(_rows(path, ("Usage", *VOTES)))
    if len(numbered) != len(usages):
        raise DataError(f"{path} has {len(numbered)} rows, but there are {len(usages)} pictures.")
    for (number, row), usage in zip(numbered, usages, strict=True):
        if row["Usage"].strip() != usage:
            raise DataError(
                f"Row {number} of {path}: Usage is {row['Usage'].strip()!r}, but its picture has "
                f"{usage!r}."
            )
    try:
        return votes_table([row for _, row in numbered])
    except ValueError as error:
        raise DataError(f"Invalid vote in {path}: {error}.") from error


def _face(text: str, where: str) -> NDArray[np.uint8]:
    try:
        values = np.array(text.split(), np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{where}: pixels are not all numbers.") from error
    if len(values) != SIDE * SIDE:
        raise DataError(
            f"{where}: {len(values)} pixels instead of {SIDE * SIDE} ({SIDE} x {SIDE})."
        )
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{where}: pixels outside 0 to 255.")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (number, row) for each row of a CSV file; the first row below the header is 1."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            missing = [c for c in columns if c not in header]
            if missing:
                raise DataError(f"{path} has no column {', '.join(missing)}.")
            for number, cells in enumerate((c for c in reader if c), 1):
                if len(cells) != len(header):
                    raise DataError(
                        f"Row {number} of {path}: {len(cells)} cells, but {len(header)} columns."
                    )
                yield number, dict(zip(header, cells, strict=True))
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise DataError(f"Cannot read {path} as CSV: {error}.") from error
