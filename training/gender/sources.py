"""Pictures labelled male or female, by UTKFace file names or folders `male/` and `female/`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from realtime.attribute.registry import GENDER
from realtime.core.faces import Frame
from training.card import OWN_PICTURES, TrainingSet
from training.data import Archive, DataError
from training.folders import SUFFIXES, fingerprint, read_picture, thinned

LABELS = GENDER.labels
RACES = ("White", "Black", "Asian", "Indian", "other")  # UTKFace's codes 0 to 4
UNKNOWN = -1
Part = Literal["train", "val", "test", "other"]
_UTK_NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_")
# Upper end of each part's range of name hashes, 0 to 1.
_PARTS: tuple[tuple[Part, float], ...] = (("train", 0.85), ("val", 0.90), ("test", 1.01))


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of a face with its labels.

    Attributes:
        path: path in its source.
        label: 0 male, 1 female: the data set's binary label, not a person's identity.
        age: in years, or `UNKNOWN`.
        race: UTKFace's code, a position in `RACES`, or `UNKNOWN`.
    """

    path: str
    label: int
    age: int = UNKNOWN
    race: int = UNKNOWN


def parse_labels(path: str) -> LabelledPicture | None:
    """Parse the labels in a path; None if there are none.

    Recognises UTKFace's `age_gender_race_date` as in `26_1_0_x.jpg`, and folders as in
    `…/female/x.jpg`.
    """
    pure = PurePath(path)
    named = _UTK_NAME.match(pure.name)
    if named:
        age, label, race = map(int, named.groups())
        return LabelledPicture(path, label, age, race)
    folder = pure.parent.name.lower()
    return LabelledPicture(path, LABELS.index(folder)) if folder in LABELS else None


@dataclass(frozen=True, slots=True)
class Source:
    """Labelled pictures of one zip file or folder.

    Attributes:
        name: set and part, such as `utkface/train`.
        root: the folder of zip files, or of pictures.
        archive: name of the zip file; empty for a plain folder.
        faces: the pictures.
        fingerprint: hash of the pictures, for caches.
    """

    name: str
    root: Path
    archive: str
    faces: Sequence[LabelledPicture]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.faces)

    def pictures(self) -> Iterator[Frame]:
        """Yield the pictures in the order of `faces`, (h, w, 3) uint8 BGR."""
        if not self.archive:
            for face in self.faces:
                yield read_picture(self.root / face.path)
            return
        with Archive(self.root, self.archive) as archive:
            for face in self.faces:
                yield archive.picture(face.path)


def source(data: Path, part: Part, *, limit: int | None = None) -> Source:
    """One part of the labelled pictures.

    Args:
        data: a folder with utkface.zip, which contains `train/ val/ test/`, and lfw_gender.zip,
            the part `other`. Or a folder of pictures, in `male/` and `female/` or with UTKFace's
            file names; it is split by a hash of the file names and has no `other`.
        part: which part.
        limit: maximum number of pictures, evenly spaced over all.

    Raises:
        DataError: a zip file or pictures of a label are missing.
    """
    if not is_own(data):
        return _zipped(data, part, limit)
    if part == "other":
        return Source("other", data, "", (), "")
    files = sorted(p for p in data.rglob("*") if p.suffix.lower() in SUFFIXES)
    named = [(p, parse_labels(str(p.relative_to(data)))) for p in files]
    kept = [(p, face) for p, face in named if face is not None and part_of(p.name) == part]
    kept = kept[thinned(len(kept), limit)]
    if {face.label for _, face in kept} != {0, 1}:
        raise DataError(
            f"The {part} part of {data} has no male or no female pictures. Use a folder with "
            "utkface.zip and lfw_gender.zip, or with folders male/ and female/."
        )
    return Source(part, data, "", [f for _, f in kept], fingerprint([p for p, _ in kept]))


def is_own(data: Path) -> bool:
    """Whether `data` is a folder of the user's own pictures instead of zip files."""
    return not (data / "utkface.zip").is_file()


def training_set(data: Path) -> TrainingSet:
    """The training set for the model card."""
    if is_own(data):
        return OWN_PICTURES
    return TrainingSet(name="UTKFace train, a part", terms="non-commercial research")


def part_of(name: str) -> Part:
    """The part of a file in a plain folder, chosen by a hash of its name."""
    uniform = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return next(part for part, end in _PARTS if uniform < end)


def _zipped(data: Path, part: Part, limit: int | None) -> Source:
    name, under = ("lfw_gender", "") if part == "other" else ("utkface", f"{part}/")
    with Archive(data, name) as archive:
        faces = [face for path in archive.paths(under) if (face := parse_labels(path)) is not None]
        stamp = archive.fingerprint()
    title = name if part == "other" else f"{name}/{part}"
    return Source(title, data, name, faces[thinned(len(faces), limit)], stamp)
