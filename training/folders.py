"""Labelled pictures in plain folders, one folder a class."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from realtime.core.faces import MASK_LABELS, Frame
from training.data import DataError, decode

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def class_folders(
    folder: Path, classes: Mapping[str, int], *, needed: Collection[int], alone: bool = True
) -> list[tuple[Path, int]]:
    """The pictures in `folder`/CLASS and below, with their labels.

    Args:
        folder: the folder of class folders.
        classes: the label by the folder's name in small letters; two names may share a label.
        needed: the labels that need a folder.
        alone: whether a folder that is none of the classes is an error, or passed over.

    Returns:
        Paths, sorted by folder and name, and labels.

    Raises:
        DataError: a label has no folder, a folder is none of the classes, or one has no picture.
    """
    found: list[tuple[Path, int]] = []
    seen = set()
    for inner in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."):
        label = classes.get(inner.name.lower())
        if label is None:
            if alone:
                raise DataError(f"{inner} is none of the classes {', '.join(classes)}.")
            continue
        pictures = sorted(p for p in inner.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not pictures:
            raise DataError(f"{inner} holds no pictures ({', '.join(SUFFIXES)}).")
        seen.add(label)
        found += [(path, label) for path in pictures]
    missing = [name for name, k in classes.items() if k in needed and k not in seen]
    if missing:
        raise DataError(f"{folder} lacks the folders {', '.join(missing)}.")
    return found


def read_picture(path: Path) -> Frame:
    """A picture file as (h, w, 3) uint8 BGR; gray ones have three equal channels.

    Raises:
        DataError: it cannot be read or is not a picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    return decode(data, str(path))


def fingerprint(files: Sequence[Path]) -> str:
    """A short hash of files' names, sizes and times, which changes where a file was changed."""
    text = hashlib.sha256()
    for path in files:
        stat = path.stat()
        text.update(f"{path.parent.name}/{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return text.hexdigest()[:12]


def thinned(count: int, limit: int | None) -> slice:
    """Which of `count` rows to keep so that at most `limit` are left, spread over all."""
    if limit is None or limit >= count:
        return slice(None)
    step = count // limit
    return slice(0, step * limit, step)


def mask_folders(data: Path) -> list[tuple[Path, int]]:
    """A user's own mask pictures, DATA/{with_mask,without_mask,incorrect}/, one face each.

    `incorrect` may be missing: few people have such pictures.

    Returns:
        Paths, and labels in the order of `MASK_LABELS`; empty where DATA has none of the folders.

    Raises:
        DataError: with_mask is there and without_mask is not, or so, or a folder is empty.
    """
    classes = {name: label for label, name in enumerate(MASK_LABELS)}
    if not any((data / name).is_dir() for name in classes):
        return []
    return class_folders(data, classes, needed=(0, 1), alone=False)
