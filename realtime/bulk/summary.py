"""What the page Archive shows of a result folder: counts, histograms, faces.

Filters are typed values that travel as parameters; only names from the registry stand in the SQL.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.attribute.registry import ATTRIBUTES
from realtime.bulk.ask import Results
from realtime.core.answers import UNSURE

SIZE_STEP_PX = 20
MAX_SIZE_PX = 400  # larger faces share the last bar
MAX_PER_PHOTO = 10  # likewise
MAX_ERRORS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFilter:
    """Which faces are shown.

    Attributes:
        labels: the label of each attribute that matters, possibly `UNSURE`.
        min_side_px: of the box's shorter side.
        max_side_px: likewise.

    Raises:
        ValueError: an attribute or label is not registered.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    min_side_px: float = 0.0
    max_side_px: float = math.inf

    def __post_init__(self) -> None:
        for name, label in self.labels.items():
            if name not in ATTRIBUTES or label not in (*ATTRIBUTES[name].labels, UNSURE):
                raise ValueError(f"there is no label {label!r} of {name!r}")

    def where(self) -> tuple[str, list[Any]]:
        """The condition in SQL, and the values of its parameters."""
        names = list(self.labels)
        clauses = [f"{name} = ?" for name in names]  # checked above
        values: list[Any] = [self.labels[name] for name in names]
        if self.min_side_px > 0:
            clauses.append("side_px >= ?")
            values.append(self.min_side_px)
        if math.isfinite(self.max_side_px):
            clauses.append("side_px < ?")
            values.append(self.max_side_px)
        return " AND ".join(clauses) or "true", values


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of a whole folder.

    Attributes:
        photos: number of photos.
        videos: number of videos.
        photo_faces: faces in photos.
        tracks: faces that were followed in videos.
        errors: number of items with an error.
        per_photo: number of photos by their number of faces; the last of `MAX_PER_PHOTO` and more.
        crops: whether crops were stored.
    """

    photos: int
    videos: int
    photo_faces: int
    tracks: int
    errors: int
    per_photo: Mapping[int, int]
    crops: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Histograms:
    """How the faces that pass a filter are distributed; in a video, each frame counts.

    Attributes:
        faces: their number.
        labels: for each attribute that was classified, the number of faces by label.
        sizes: by the lower end of the size in pixels.
    """

    faces: int
    labels: Mapping[str, Mapping[str, int]]
    sizes: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCard:
    """One face of the gallery.

    Attributes:
        path: of its file.
        time_s: in a video, seconds from its start.
        labels: label and probability by attribute.
        webp: its picture.
    """

    path: str
    time_s: float | None
    labels: Mapping[str, tuple[str, float]]
    webp: bytes


def overview(results: Results) -> Overview:
    """Count everything.

    Raises:
        BulkError: as `Results.query`.
    """
    per_photo = results.rows(
        "SELECT least(faces, ?), count(*), sum(faces) FROM photos WHERE error IS NULL "
        "GROUP BY 1 ORDER BY 1",
        [MAX_PER_PHOTO],
    )
    ((photos, videos, errors, crops),) = results.rows(
        "SELECT count(*) FILTER (kind = 'photo'), count(DISTINCT path) FILTER (kind = 'video'), "
        "count(error), coalesce(bool_or(crops IS NOT NULL), false) FROM items"
    )
    ((tracks,),) = results.rows(
        "SELECT count(*) FROM (SELECT DISTINCT joined_path, track FROM joined)"
    )
    return Overview(
        photos=photos,
        videos=videos,
        photo_faces=sum(int(row[2]) for row in per_photo),
        tracks=tracks,
        errors=errors,
        per_photo={int(count): number for count, number, _ in per_photo},
        crops=crops,
    )


def histograms(results: Results, chosen: FaceFilter) -> Histograms:
    """Count the faces that pass a filter, in one pass over them.

    Raises:
        BulkError: as `Results.query`.
    """
    where, values = chosen.where()
    names = list(ATTRIBUTES)
    sets = ", ".join(f"({name})" for name in [*names, "size_px"])
    size = f"least(({SIZE_STEP_PX} * floor(side_px / {SIZE_STEP_PX}))::INTEGER, {MAX_SIZE_PX})"
    rows = results.rows(
        f"SELECT grouping_id({', '.join(names)}, size_px), {', '.join(names)}, size_px, count(*) "
        f"FROM (SELECT {', '.join(names)}, {size} AS size_px FROM faces WHERE {where}) "
        f"GROUP BY GROUPING SETS ({sets}, ())",
        values,
    )
    everything = 2 ** (len(names) + 1) - 1  # the bits of what a row is not grouped by
    labels: dict[str, dict[str, int]] = {}
    sizes: dict[int, int] = {}
    faces = 0
    for bits, *row in rows:
        count = row[-1]
        if bits == everything:
            faces = count
            continue
        k = len(names) - (everything ^ bits).bit_length() + 1
        if row[k] is None:
            continue
        if k == len(names):
            sizes[row[k]] = count
        else:
            labels.setdefault(names[k], {})[row[k]] = count
    ordered = {name: labels[name] for name in names if name in labels}
    return Histograms(faces=faces, labels=ordered, sizes=dict(sorted(sizes.items())))


def face_cards(results: Results, chosen: FaceFilter, *, first: int, count: int) -> list[FaceCard]:
    """Some faces with a picture that pass a filter; a track has one in each segment.

    Args:
        results: where they are.
        chosen: which.
        first: how many are passed over.
        count: at most so many are returned.

    Raises:
        BulkError: as `Results.query`.
    """
    where, values = chosen.where()
    columns = ", ".join(f"{name}, {name}_prob" for name in ATTRIBUTES)
    rows = results.rows(
        f"SELECT path, time_s, item_id, face_number, {columns} FROM faces "
        f"WHERE {where} AND has_crop "
        "ORDER BY item_id, face_number LIMIT ? OFFSET ?",
        [*values, count, first],
    )
    wanted = sorted({row[2] for row in rows})
    marks = ", ".join("?" * len(wanted))
    pictures = {}
    if wanted:
        pictures = {
            (item_id, number): webp
            for item_id, number, webp in results.rows(
                f"SELECT item_id, face_number, webp FROM crops WHERE item_id IN ({marks})", wanted
            )
        }
    cards = []
    for path, time_s, item_id, number, *answers in rows:
        said = {
            name: (answers[2 * k], answers[2 * k + 1])
            for k, name in enumerate(ATTRIBUTES)
            if answers[2 * k] is not None
        }
        if (item_id, number) in pictures:
            webp = pictures[item_id, number]
            cards.append(FaceCard(path=path, time_s=time_s, labels=said, webp=webp))
    return cards


def errors(results: Results) -> list[tuple[str, str]]:
    """Path and sentence of the first `MAX_ERRORS` items that failed.

    Raises:
        BulkError: as `Results.query`.
    """
    return [
        (path, error)
        for path, error in results.rows(
            "SELECT path, error FROM items WHERE error IS NOT NULL ORDER BY path LIMIT ?",
            [MAX_ERRORS],
        )
    ]
