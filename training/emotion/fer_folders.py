"""FER-2013 as Kaggle's folders: train/ and test/, a folder for each emotion, no votes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from realtime.core.faces import EMOTION_LABELS
from training.crops import Arrays, cached
from training.emotion.fer_labels import MAJORITY
from training.emotion.fer_rows import FerRows, digest, repeated
from training.folders import class_folders, fingerprint, read_picture
from training.near_duplicates import group, hashes, held_out
from training.progress import over

# FER-2013's words and FER+'s.
CLASSES = {label: i for i, label in enumerate(EMOTION_LABELS)} | {
    word: EMOTION_LABELS.index(label) for word, label in MAJORITY.items()
}
HELD_OUT = 0.1  # share of train's near-duplicate groups that stand in for a validation set
SEED = 0
# Upright faces of one size are much alike: from six bits on, strangers join into one large group.
TWIN_BITS = 4


@contextmanager
def folder_rows(place: Path, split: str) -> Iterator[FerRows]:
    """A split of PLACE/{train,test}/EMOTION/*.png or jpg, and PLACE/validation where it is there.

    `private_test` is test/. `public_test` is validation/, else whole groups of near-duplicates
    held out of train/, so that no validation picture has a twin among those learned from.

    Raises:
        DataError: a folder of an emotion is missing or empty, or a picture cannot be read.
    """
    given = {
        name: class_folders(place / name, CLASSES, needed=range(len(EMOTION_LABELS)))
        for name in ("train", "validation", "test")
        if (place / name).is_dir()
    }
    wanted = {"train": "train", "public_test": "validation", "private_test": "test"}[split]
    folder = wanted if wanted in given else "train"
    files = [path for found in given.values() for path, _ in found]
    mark = fingerprint(files)
    key = {"files": mark, "share": HELD_OUT, "seed": SEED, "bits": TWIN_BITS}
    looked = cached("fer2013-folders", key, lambda: _look(given))
    keep = np.ones(len(given[folder]), bool)
    if "validation" not in given and folder == "train":
        keep = looked["held_out"] == (split == "public_test")
    index = np.flatnonzero(keep)
    paths = [given[folder][i][0] for i in index]
    label = np.array([given[folder][i][1] for i in index], np.int64)
    twins = np.zeros(len(index), bool)
    if folder == "train":
        tested = np.concatenate([looked[n] for n in given if n != "train"])
        twins = repeated(looked["train"][index], tested)
    held = split == "public_test" and folder == "train"
    name = f"{folder}/{' held out' if held else ''}"
    yield FerRows(name, mark, lambda i: read_picture(paths[i]), label, None, label, twins)


def _look(given: dict[str, list[tuple[Path, int]]]) -> Arrays:
    """Read every picture once.

    Returns:
        The pixels' hashes by folder, (n,) of 16 bytes, and `held_out`, bool over train's pictures.
    """
    arrays: Arrays = {}
    codes = []
    for name, found in given.items():
        digests = []
        for path, _ in over(found, len(found), f"looking for duplicates in {name}/"):
            picture = read_picture(path)
            digests.append(digest(picture))
            if name == "train":
                codes.append(hashes([picture]))
        arrays[name] = np.array(digests, "S16")
    groups = group(np.concatenate(codes), most_bits=TWIN_BITS)
    return {**arrays, "held_out": held_out(groups, share=HELD_OUT, seed=SEED)}
