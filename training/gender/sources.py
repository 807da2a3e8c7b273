"""Pictures labelled male or female: UTKFace's names, or folders `male/` and `female/`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from realtime.core.faces import GENDER_LABELS, Frame
from training.data import Archive, DataError
from training.folders import SUFFIXES, fingerprint, read_picture, thinned

LABELS = GENDER_LABELS
RACES = ("White", "Black", "Asian", "Indian", "other")  # UTKFace's codes 0 to 4
UNKNOWN = -1
Part = Literal["train", "val", "test", "other"]
_UTK_NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_")
_PARTS: tuple[tuple[Part, float], ...] = (("train", 0.85), ("val", 0.90), ("test", 1.01))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture and what is known of its face.

    Attributes:
        path: where it is in its source.
        label: 0 male, 1 female: the data's binary label, not a person's identity.
        age: in years, `UNKNOWN` where the source does not say.
        race: UTKFace's code, a position in `RACES`, or `UNKNOWN`.
    """

    path: str
    label: int
    age: int = UNKNOWN
    race: int = UNKNOWN


def parse(path: str) -> Labelled | None:
    """The labels that a path tells; None where it tells none.

    `26_1_0_x.jpg` is UTKFace's `age_gender_race_date`; `…/female/x.jpg` a folder's name.
    """
    pure = PurePath(path)
    named = _UTK_NAME.match(pure.name)
    if named:
        age, label, race = map(int, named.groups())
        return Labelled(path, label, age, race)
    folder = pure.parent.name.lower()
    return Labelled(path, LABELS.index(folder)) if folder in LABELS else None


@dataclass(frozen=True, slots=True)
class Source:
    """Labelled pictures of one zip or folder.

    Attributes:
        name: the set and part, `utkface/train` for instance.
        place: the folder of zips, or of pictures.
        archive: the zip's name; empty for a plain folder.
        faces: the pictures.
        key: changes where the pictures change, for caches.
    """

    name: str
    place: Path
    archive: str
    faces: Sequence[Labelled]
    key: str

    def __len__(self) -> int:
        return len(self.faces)

    def pictures(self) -> Iterator[Frame]:
        """The pictures in the order of `faces`, (h, w, 3) uint8 BGR."""
        if not self.archive:
            for face in self.faces:
                yield read_picture(self.place / face.path)
            return
        with Archive(self.place, self.archive) as archive:
            for face in self.faces:
                yield archive.picture(face.path)


def source(data: Path, part: Part, *, limit: int | None = None) -> Source:
    """One part of the labelled pictures in the folder `data`.

    Args:
        data: the folder of zips, whose utkface.zip has `train/ val/ test/` and whose
            lfw_gender.zip is `other`; or a folder of pictures: `male/` and `female/`, or files with
            UTKFace's names. Such a folder is split by its files' names, and has no `other`.
        part: which part.
        limit: at most that many pictures, spread over all.

    Raises:
        DataError: there are no such pictures; one sentence.
    """
    if not is_own(data):
        return _zipped(data, part, limit)
    if part == "other":
        return Source("other", data, "", (), "")
    files = sorted(p for p in data.rglob("*") if p.suffix.lower() in SUFFIXES)
    named = [(p, parse(str(p.relative_to(data)))) for p in files]
    kept = [(p, face) for p, face in named if face is not None and part_of(p.name) == part]
    kept = kept[thinned(len(kept), limit)]
    if {face.label for _, face in kept} != {0, 1}:
        raise DataError(
            f"The {part} part of {data} lacks male or female pictures: give a folder of "
            "utkface.zip and lfw_gender.zip, or of male/ and female/ pictures."
        )
    return Source(part, data, "", [f for _, f in kept], fingerprint([p for p, _ in kept]))


def is_own(data: Path) -> bool:
    """Whether `data` is a folder of one's own pictures instead of the zips."""
    return not (data / "utkface.zip").is_file()


def training_set(*, own: bool) -> dict[str, str]:
    """Name and terms of what is learned from, for the card."""
    if own:
        return {"name": "a folder of one's own pictures", "terms": "their owner's"}
    return {"name": "UTKFace train, a part", "terms": "non-commercial research"}


def part_of(name: str) -> Part:
    """Into which part a file of a plain folder falls, by a hash of its name."""
    chance = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return next(part for part, end in _PARTS if chance < end)


def _zipped(data: Path, part: Part, limit: int | None) -> Source:
    name, under = ("lfw_gender", "") if part == "other" else ("utkface", f"{part}/")
    with Archive(data, name) as archive:
        found = [face for path in archive.paths(under) if (face := parse(path)) is not None]
        key = archive.fingerprint()
    title = name if part == "other" else f"{name}/{part}"
    return Source(title, data, name, found[thinned(len(found), limit)], key)
