"""FER-2013 in any of its formats: this project's zip file, Kaggle's CSV or Kaggle's folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np

from training.data import Archive, DataError
from training.emotion import fer_csv, fer_folders
from training.emotion.fer_labels import VOTES, majority_label, official_label, votes_table
from training.emotion.fer_rows import SPLITS, FerRows


def open_rows(data: Path, split: str) -> AbstractContextManager[FerRows]:
    """Open one split of FER-2013.

    Uses the first of these in `data` or `data`/fer2013: fer2013.zip (only in `data`); fer2013.csv
    or icml_face_data.csv, with the votes of a fer2013new.csv next to it; train/ and test/ with one
    folder per emotion.

    Args:
        data: the data folder.
        split: one of `SPLITS`. Kaggle's folders have no public test; validation/ or pictures held
            out of train/ replace it.

    Raises:
        DataError: FER-2013 is missing or malformed, or `split` is unknown.
    """
    if split not in SPLITS:
        raise DataError(f"FER-2013 has no split {split!r}. Use one of: {', '.join(SPLITS)}.")
    if not data.is_dir():
        raise DataError(f"Data folder {data} not found. Set it with --data.")
    places = (data, data / "fer2013")
    if (data / "fer2013.zip").is_file():
        return zip_rows(data, split)
    for path in (place / name for place in places for name in fer_csv.NAMES):
        if path.is_file():
            return fer_csv.csv_rows(path, split)
    for place in places:
        if (place / "train").is_dir() and (place / "test").is_dir():
            return fer_folders.folder_rows(place, split)
    raise DataError(
        f"FER-2013 not found in {data}. Add fer2013.zip, {' or '.join(fer_csv.NAMES)}, or "
        "train/ and test/; the last two may be in a subfolder fer2013/."
    )


@contextmanager
def zip_rows(data: Path, split: str) -> Iterator[FerRows]:
    """A split of fer2013.zip; its labels.csv contains votes, majority and duplicates."""
    columns = (
        *("path", "split", "fer2013_label", "ferplus_majority", "also_in_test"),
        *(f"votes_{name}" for name in VOTES),
    )
    with Archive(data, "fer2013") as archive:
        rows = [r for r in archive.table("labels.csv", columns) if r["split"] == split]
        try:
            votes = votes_table(rows, "votes_")
        except (TypeError, ValueError) as error:
            raise DataError(f"Invalid vote in labels.csv in fer2013.zip: {error}.") from error
        yield FerRows(
            f"fer2013.zip {split}",
            archive.fingerprint(),
            lambda i: archive.picture(rows[i]["path"]),
            np.array([official_label(r["fer2013_label"]) for r in rows], np.int64),
            votes,
            np.array([majority_label(r["ferplus_majority"]) for r in rows], np.int64),
            np.array([r["also_in_test"] not in ("0", "", "False") for r in rows], bool),
        )
