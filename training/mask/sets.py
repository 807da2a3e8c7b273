"""The sources of mask pictures: crops, labels, where each came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, MASK_LABELS, Frame
from training.crops import Arrays, Cropper, CropSpec, cached, cut_all, settings_of, whole_box
from training.data import Archive
from training.detected_crops import FoundCropper, code_hash
from training.folders import fingerprint, mask_folders, read_picture, thinned
from training.near_duplicates import group, hashes

WITH, WITHOUT, INCORRECT = range(len(MASK_LABELS))
_FOLDERS = {"with_mask": WITH, "without_mask": WITHOUT}


@dataclass(frozen=True, slots=True, eq=False)
class MaskSet:
    """Crops of one source.

    Attributes:
        name: the source and split, `mask_scenes/train` for instance.
        crops: (n, side, side, 3) uint8 BGR.
        label: (n,) int64, positions in `MASK_LABELS`.
        side_px: (n,) float32, the shorter side of each face's box in its picture.
        group: (n,) int64, near-duplicate pictures share a number.
        presence: (n,) float32, how sure the mesh is that it sees a face.
        boxed_px: (m,) float32, the shorter sides of all true boxes, also of faces not found.
        outline: (n, 30, 2) float32, the mesh points `training.crops.OUTLINE` in pixels of the crop.
        yaw_deg: (n,) float32, how far each face is turned to the side.
    """

    name: str
    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    side_px: F32
    group: NDArray[np.int64]
    presence: F32
    boxed_px: F32
    outline: F32
    yaw_deg: F32

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.int64] | slice) -> MaskSet:
        return MaskSet(
            self.name,
            self.crops[index],
            self.label[index],
            self.side_px[index],
            self.group[index],
            self.presence[index],
            self.boxed_px,
            self.outline[index],
            self.yaw_deg[index],
        )


# What a set yields a picture: the picture, boxes (n, 4) or None to look for the face, labels (n,).
Item = tuple[Frame, F32 | None, list[int]]


def scenes(
    data: Path, split: str, spec: CropSpec, *, found: bool = False, limit: int | None = None
) -> MaskSet:
    """mask_scenes `train` or `val`, faces of 20 px or more, by their true boxes or as found."""
    with Archive(data, "mask_scenes") as archive:
        rows = archive.table("boxes.csv", ("path", "split", "x0", "y0", "x1", "y1", "label"))
        boxed: dict[str, list[tuple[list[float], int]]] = {}
        for row in rows:
            if row["split"] == split:
                box = [float(row[k]) for k in ("x0", "y0", "x1", "y1")]
                boxed.setdefault(row["path"], []).append((box, MASK_LABELS.index(row["label"])))
        paths = _thin(sorted(boxed), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                kept = [(b, k) for b, k in boxed[path] if min(b[2] - b[0], b[3] - b[1]) >= 20]
                boxes = np.array([b for b, _ in kept], np.float32).reshape(-1, 4)
                yield archive.picture(path), boxes, [k for _, k in kept]

        name = f"mask_scenes/{split}"
        return _cut(name, archive.fingerprint(), items, len(paths), spec, limit, found=found)


def faces(data: Path, under: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """mask_faces below `web` or `crops12k/SPLIT`; web faces are looked for in their picture."""
    with Archive(data, "mask_faces") as archive:
        paths = _thin([p for p in archive.paths(f"{under}/")], limit)

        def items() -> Iterator[Item]:
            for path in paths:
                picture = archive.picture(path)
                box = None if under == "web" else whole_box(picture)
                yield picture, box, [_FOLDERS[path.split("/")[-2]]]

        return _cut(f"mask_faces/{under}", archive.fingerprint(), items, len(paths), spec, limit)


def utkface(data: Path, split: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """Bare faces of utkface; the face is looked for in its picture."""
    with Archive(data, "utkface") as archive:
        paths = _thin(archive.paths(f"{split}/"), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                yield archive.picture(path), None, [WITHOUT]

        return _cut(f"utkface/{split}", archive.fingerprint(), items, len(paths), spec, limit)


def wider(
    data: Path,
    name: str,
    spec: CropSpec,
    *,
    hard: bool = False,
    found: bool = False,
    limit: int | None = None,
) -> MaskSet:
    """Bare faces of `wider_train` or `wider_val`, 20 px or more, by true boxes or as found.

    `hard` keeps those that are partly hidden, turned, or in extreme light, by WIDER's own word.
    """
    columns = ("path", "x0", "y0", "x1", "y1", "invalid", "occlusion", "pose", "illumination")
    with Archive(data, name) as archive:
        boxed: dict[str, list[list[float]]] = {}
        for row in archive.table("boxes.csv", columns):
            box = [float(row[k]) for k in ("x0", "y0", "x1", "y1")]
            plain = row["occlusion"] == row["pose"] == row["illumination"] == "0"
            large = min(box[2] - box[0], box[3] - box[1]) >= 20
            if row["invalid"] == "0" and large and not (hard and plain):
                boxed.setdefault(row["path"], []).append(box)
        paths = _thin(sorted(boxed), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                boxes = np.array(boxed[path], np.float32)
                yield archive.picture(path), boxes, [WITHOUT] * len(boxes)

        title = f"{name}/hard" if hard else name
        return _cut(title, archive.fingerprint(), items, len(paths), spec, limit, found=found)


def portraits(data: Path, name: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """Bare faces of a set of portraits, `lfw_gender` for instance; looked for in their pictures."""
    with Archive(data, name) as archive:
        paths = _thin(archive.paths(), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                yield archive.picture(path), None, [WITHOUT]

        return _cut(name, archive.fingerprint(), items, len(paths), spec, limit)


def own(data: Path, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """A user's own folders named by label, see `training.folders`; empty where there are none."""
    labelled = mask_folders(data)
    labelled = labelled[thinned(len(labelled), limit)]

    def items() -> Iterator[Item]:
        for path, label in labelled:
            yield read_picture(path), None, [label]

    stamp = fingerprint([path for path, _ in labelled])
    return _cut("own", stamp, items, len(labelled), spec, limit)


def _thin(paths: list[str], limit: int | None) -> list[str]:
    if limit is None or limit >= len(paths):
        return paths
    return paths[:: len(paths) // limit][:limit]


def _cut(
    name: str,
    data: str,
    items: Callable[[], Iterator[Item]],
    total: int,
    spec: CropSpec,
    limit: int | None,
    *,
    found: bool = False,
) -> MaskSet:
    def build() -> Arrays:
        cropper = FoundCropper(spec) if found else Cropper(spec)
        labels: list[NDArray[np.int64]] = []
        sides: list[F32] = []
        codes: list[NDArray[np.uint8]] = []

        def boxed() -> Iterator[tuple[Frame, F32]]:
            for picture, given, label in items():
                boxes = cropper.largest_box(picture) if given is None else given
                labels.append(np.array(label, np.int64))
                sides.append((boxes[:, 2:] - boxes[:, :2]).min(axis=1))
                codes.append(hashes([picture]))
                yield picture, boxes

        arrays = cut_all(cropper, boxed(), total=total, title=name)
        groups = group(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
        origin = list(zip(arrays["picture"], arrays["box"], strict=True))
        return {
            **arrays,
            "label": np.array([labels[i][k] for i, k in origin], np.int64),
            "side_px": np.array([sides[i][k] for i, k in origin], np.float32),
            "group": groups[arrays["picture"]],
            "boxed_px": np.concatenate(sides) if sides else np.zeros(0, np.float32),
        }

    more = {"found": code_hash()} if found else {}
    key = settings_of(spec, data, name=name, limit=limit, **more)
    arrays = cached(name.replace("/", "-"), key, build)
    return MaskSet(
        name,
        arrays["crops"],
        arrays["label"],
        arrays["side_px"],
        arrays["group"],
        arrays["presence"],
        arrays["boxed_px"],
        arrays["outline"],
        arrays["yaw_deg"],
    )
