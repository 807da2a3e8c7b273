"""FER-2013 as Kaggle's folders: train/ and test/ with one folder per emotion, without votes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from realtime.attribute.registry import EMOTION
from training.crops import Arrays, cached
from training.emotion.fer_labels import MAJORITY
from training.emotion.fer_rows import FerRows, digest
from training.folders import class_folders, fingerprint, read_picture
from training.near_duplicates import group, hashes, held_out
from training.progress import over

# Folder names: FER-2013's and FER+'s words for the emotions.
CLASSES = {label: i for i, label in enumerate(EMOTION.labels)} | {
    word: EMOTION.labels.index(label) for word, label in MAJORITY.items()
}
HELD_OUT = 0.1  # share of near-duplicate groups of train/ used as validation set
SEED = 0
# Aligned faces have similar hashes: from six bits on, different people join into one large group.
MAX_BITS = 4


@contextmanager
def folder_rows(root: Path, split: str) -> Iterator[FerRows]:
    """A split of ROOT/{train,test}/EMOTION/*.{png,jpg} with an optional ROOT/validation.

    `private_test` is test/. `public_test` is validation/ if it exists, otherwise whole groups of
    near-duplicates held out of train/, so that no validation picture resembles a training picture.

    Args:
        root: contains train/ and test/.
        split: one of `fer_rows.SPLITS`.

    Raises:
        DataError: an emotion's folder is missing or empty, or a picture cannot be read.
    """
    pictures = {
        name: class_folders(root / name, CLASSES, required=range(len(EMOTION.labels)))
        for name in ("train", "validation", "test")
        if (root / name).is_dir()
    }
    preferred = {"train": "train", "public_test": "validation", "private_test": "test"}[split]
    folder = preferred if preferred in pictures else "train"
    files = [path for part in pictures.values() for path, _ in part]
    stamp = fingerprint(files)
    key = {"files": stamp, "share": HELD_OUT, "seed": SEED, "bits": MAX_BITS}
    hashed = cached("fer2013-folders", key, lambda: _hash_all(pictures))
    keep = np.ones(len(pictures[folder]), bool)
    if "validation" not in pictures and folder == "train":
        keep = hashed["held_out"] == (split == "public_test")
    index = np.flatnonzero(keep)
    paths = [pictures[folder][i][0] for i in index]
    label = np.array([pictures[folder][i][1] for i in index], np.int64)
    in_test = np.zeros(len(index), bool)
    if folder == "train":
        others = np.concatenate([hashed[n] for n in pictures if n != "train"])
        in_test = np.isin(hashed["train"][index], others)
    is_held_out = split == "public_test" and folder == "train"
    name = f"{folder}/{' held out' if is_held_out else ''}"
    yield FerRows(name, stamp, lambda i: read_picture(paths[i]), label, None, label, in_test)


def _hash_all(pictures: dict[str, list[tuple[Path, int]]]) -> Arrays:
    """Hash all pictures and choose the held-out ones.

    Returns:
        Pixel digests (n,) of 16 bytes by folder, and `held_out` (n,) bool for train/.
    """
    arrays: Arrays = {}
    codes = []
    for name, part in pictures.items():
        digests = []
        for path, _ in over(part, len(part), f"finding duplicates in {name}/"):
            picture = read_picture(path)
            digests.append(digest(picture))
            if name == "train":
                codes.append(hashes([picture]))
        arrays[name] = np.array(digests, "S16")
    groups = group(np.concatenate(codes), max_bits=MAX_BITS)
    return {**arrays, "held_out": held_out(groups, share=HELD_OUT, seed=SEED)}
