"""FER-2013 as Kaggle's csv, a picture a row, and FER+ votes beside it.

The csv: columns emotion, pixels and Usage, https://www.kaggle.com/c/challenges-in-representation-
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

from realtime.core.faces import EMOTION_LABELS, F32, Frame
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
    """A split of a csv, with the votes of fer2013new.csv where it lies in the same folder.

    Raises:
        DataError: a column is missing, a row is not as expected, or the votes are of other rows.
    """
    voted = path.with_name(VOTES_NAME)
    files = [path, voted] if voted.is_file() else [path]
    mark = fingerprint(files)
    # Reading the numbers of a file of 300 MB takes long, so the pictures are kept.
    arrays = cached("fer2013-csv", {"files": mark}, lambda: read_csv(path))
    usage, pixels = arrays["usage"], arrays["pixels"]
    votes = None
    if voted.is_file():
        votes = read_votes(voted, [list(USAGES.values())[u] for u in usage])
    tested = {digest(p) for p in pixels[usage != 0]}
    here = np.flatnonzero(usage == list(USAGES).index(split))
    pixels, official = pixels[here], arrays["official"][here]
    twins = [split == "train" and digest(p) in tested for p in pixels]

    def picture(i: int) -> Frame:
        return np.asarray(cv2.cvtColor(pixels[i], cv2.COLOR_GRAY2BGR), np.uint8)

    yield FerRows(
        f"{path.name} {USAGES[split]}",
        mark,
        picture,
        official,
        None if votes is None else votes[here],
        official if votes is None else majority_of(votes[here]),
        np.array(twins, bool),
    )


def read_csv(path: Path) -> Arrays:
    """Every row of a FER-2013 csv.

    Returns:
        `pixels` (n, 48, 48) uint8, `official` (n,) int64, positions in `EMOTION_LABELS`, and
        `usage` (n,) int64, positions in `USAGES`.

    Raises:
        DataError: a column is missing or a row is not as expected; the message names the row.
    """
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    usages: list[int] = []
    names = list(USAGES.values())
    for number, row in _rows(path, ("emotion", "pixels", "Usage")):
        where = f"Row {number} of {path}"
        emotion, usage = row["emotion"].strip(), row["Usage"].strip()
        if emotion not in map(str, range(len(EMOTION_LABELS))):
            raise DataError(f"{where} has the emotion {emotion!r}, not one of 0 to 6.")
        if usage not in names:
            raise DataError(f"{where} has the Usage {usage!r}, not one of {', '.join(names)}.")
        pixels.append(_face(row["pixels"], where))
        labels.append(int(emotion))  # Kaggle's order is that of `EMOTION_LABELS`
        usages.append(names.index(usage))
    if not pixels:
        raise DataError(f"{path} has no rows.")
    return {
        "pixels": np.stack(pixels),
        "official": np.array(labels, np.int64),
        "usage": np.array(usages, np.int64),
    }


def read_votes(path: Path, usages: Sequence[str]) -> F32:
    """FER+ votes (n, 10) in the order of `VOTES`, of the rows whose usages are given.

    Raises:
        DataError: the table has other rows than the csv, lacks a column, or holds no numbers.
    """
    numbered = list(_rows(path, ("Usage", *VOTES)))
    if len(numbered) != len(usages):
        raise DataError(f"{path} has {len(numbered)} rows, the pictures have {len(usages)}.")
    for (number, row), usage in zip(numbered, usages, strict=True):
        if row["Usage"].strip() != usage:
            raise DataError(
                f"Row {number} of {path} is of {row['Usage'].strip()!r}, its picture of {usage!r}."
            )
    try:
        return votes_table([row for _, row in numbered])
    except ValueError as error:
        raise DataError(f"The votes in {path}: {error}.") from error


def _face(text: str, where: str) -> NDArray[np.uint8]:
    try:
        values = np.array(text.split(), np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{where} has pixels that are not numbers.") from error
    if len(values) != SIDE * SIDE:
        raise DataError(f"{where} has {len(values)} pixels, not {SIDE * SIDE} ({SIDE} by {SIDE}).")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{where} has pixels outside 0 to 255.")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a csv with their numbers, the first below the header is 1."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            heads = [head.strip() for head in next(reader, [])]
            missing = [c for c in columns if c not in heads]
            if missing:
                raise DataError(f"{path} lacks the columns {', '.join(missing)}.")
            for number, cells in enumerate((c for c in reader if c), 1):
                if len(cells) != len(heads):
                    raise DataError(
                        f"Row {number} of {path} has {len(cells)} cells, its header {len(heads)}."
                    )
                yield number, dict(zip(heads, cells, strict=True))
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path} cannot be read as a csv: {error}.") from error
