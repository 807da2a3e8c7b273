"""Labelled pictures in plain folders, one folder per class."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from realtime.attribute.registry import MASK
from realtime.core.faces import Frame
from training.data import DataError, decode

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def class_folders(
    folder: Path, classes: Mapping[str, int], *, required: Collection[int], strict: bool = True
) -> list[tuple[Path, int]]:
    """The pictures in `folder`/CLASS and its subfolders, with their labels.

    Args:
        folder: contains the class folders.
        classes: label by lower-case folder name; several names may share a label.
        required: labels that must have a folder.
        strict: raise an error for folders with other names, instead of ignoring them.

    Returns:
        (path, label) pairs, sorted by folder and path.

    Raises:
        DataError: a required folder is missing, a folder name is unknown, or a folder is empty.
    """
    pictures: list[tuple[Path, int]] = []
    seen = set()
    for inner in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."):
        label = classes.get(inner.name.lower())
        if label is None:
            if strict:
                raise DataError(f"{inner} is not a known class. Use one of: {', '.join(classes)}.")
            continue
        files = sorted(p for p in inner.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not files:
            raise DataError(f"{inner} contains no pictures ({', '.join(SUFFIXES)}).")
        seen.add(label)
        pictures += [(path, label) for path in files]
    missing = [name for name, k in classes.items() if k in required and k not in seen]
    if missing:
        raise DataError(f"Folders missing from {folder}: {', '.join(missing)}.")
    return pictures


def read_picture(path: Path) -> Frame:
    """Read a picture file as (h, w, 3) uint8 BGR; gray ones get three equal channels.

    Raises:
        DataError: the file cannot be read or is not a picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}.") from error
    return decode(data, str(path))


def fingerprint(files: Sequence[Path]) -> str:
    """A short hash of the files' names, sizes and modification times."""
    text = hashlib.sha256()
    for path in files:
        stat = path.stat()
        text.update(f"{path.parent.name}/{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return text.hexdigest()[:12]


def thinned(count: int, limit: int | None) -> slice:
    """An evenly spaced slice of `count` rows with at most `limit` rows; None keeps all."""
    if limit is None or limit >= count:
        return slice(None)
    step = count // limit
    return slice(0, step * limit, step)


def mask_folders(data: Path) -> list[tuple[Path, int]]:
    """The user's own mask pictures: DATA/{with_mask,without_mask,incorrect}/, one face each.

    The folder `incorrect` is optional.

    Returns:
        (path, label) pairs, labels as positions in `MASK.labels`; empty without such folders.

    Raises:
        DataError: only one of with_mask and without_mask exists, or a folder is empty.
    """
    classes = {name: label for label, name in enumerate(MASK.labels)}
    if not any((data / name).is_dir() for name in classes):
        return []
    return class_folders(data, classes, required=(0, 1), strict=False)
