"""Data sets of faces with and without masks, as labelled crops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import MASK
from realtime.core.faces import F32, Frame
from training.crops import Arrays, Cropper, CropSpec, cache_key, cached, cut_all, whole_box
from training.data import Archive
from training.detected_crops import DetectedCropper, detection_key
from training.folders import fingerprint, mask_folders, read_picture, thinned
from training.near_duplicates import group, hashes

WITH, WITHOUT, INCORRECT = range(len(MASK.labels))
MIN_BOX_PX = 20  # smaller boxes in scenes are ignored
_FOLDERS = {"with_mask": WITH, "without_mask": WITHOUT}


@dataclass(frozen=True, slots=True, eq=False)
class MaskSet:
    """Crops of one source.

    Attributes:
        name: source and split, such as `mask_scenes/train`.
        crops: (n, side, side, 3) uint8 BGR.
        label: (n,) int64, positions in `MASK.labels`.
        side_px: (n,) float32, shorter side of each face's box.
        group: (n,) int64, near-duplicate group of each face's picture, within this source.
        code: (n, 8) uint8, difference hash of each face's picture.
        presence: (n,) float32, the mesh's confidence that it sees a face.
        boxed_px: (m,) float32, shorter sides of all true boxes, including undetected faces.
        outline: (n, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        yaw_deg: (n,) float32, head yaw.
    """

    name: str
    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    side_px: F32
    group: NDArray[np.int64]
    code: NDArray[np.uint8]
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
            self.code[index],
            self.presence[index],
            self.boxed_px,
            self.outline[index],
            self.yaw_deg[index],
        )


def concatenated(sets: Sequence[MaskSet]) -> MaskSet:
    """The faces of several sets, at least one, under the name of the first."""
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(s, field.name) for s in sets])
        for field in fields(MaskSet)
        if field.name != "name"
    }
    return replace(sets[0], **columns)


# A picture, its boxes (n, 4) or None to detect the largest face, and its labels (n,).
Item = tuple[Frame, F32 | None, list[int]]


def scenes(
    data: Path, split: str, spec: CropSpec, *, detected: bool = False, limit: int | None = None
) -> MaskSet:
    """Faces of mask_scenes `train` or `val`, cut by their true boxes, or as detected."""
    with Archive(data, "mask_scenes") as archive:
        rows = archive.table("boxes.csv", ("path", "split", "x0", "y0", "x1", "y1", "label"))
        boxed: dict[str, list[tuple[list[float], int]]] = {}
        for row in rows:
            if row["split"] == split:
                box = [float(row[k]) for k in ("x0", "y0", "x1", "y1")]
                boxed.setdefault(row["path"], []).append((box, MASK.labels.index(row["label"])))
        paths = _subsample(sorted(boxed), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                kept = [
                    (b, k) for b, k in boxed[path] if min(b[2] - b[0], b[3] - b[1]) >= MIN_BOX_PX
                ]
                boxes = np.array([b for b, _ in kept], np.float32).reshape(-1, 4)
                yield archive.picture(path), boxes, [k for _, k in kept]

        name = f"mask_scenes/{split}"
        return _cut(name, archive.fingerprint(), items, len(paths), spec, limit, detected=detected)


def faces(data: Path, under: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """Faces of mask_faces, folder `web` (detected in the picture) or `crops12k/SPLIT` (crops)."""
    with Archive(data, "mask_faces") as archive:
        paths = _subsample(archive.paths(f"{under}/"), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                picture = archive.picture(path)
                box = None if under == "web" else whole_box(picture)
                yield picture, box, [_FOLDERS[path.split("/")[-2]]]

        return _cut(f"mask_faces/{under}", archive.fingerprint(), items, len(paths), spec, limit)


def masked_web(data: Path, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """The largest face that our detector finds in each web picture of masked_web: all masked."""
    with Archive(data, "masked_web") as archive:
        paths = _subsample(archive.paths("web/"), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                yield archive.picture(path), None, [WITH]

        return _cut(
            "masked_web", archive.fingerprint(), items, len(paths), spec, limit, detected=True
        )


def utkface(data: Path, split: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """Faces without masks from a split of utkface, detected in the picture."""
    with Archive(data, "utkface") as archive:
        paths = _subsample(archive.paths(f"{split}/"), limit)

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
    detected: bool = False,
    limit: int | None = None,
) -> MaskSet:
    """Faces without masks from WIDER FACE, cut by their true boxes, or as detected.

    Args:
        data: the data folder.
        name: `wider_train` or `wider_val`.
        spec: how the crops are cut.
        hard: only faces labelled as occluded, of atypical pose or in extreme light.
        detected: only detected faces, framed by the detector and the mesh.
        limit: maximum number of pictures, evenly spaced over all.
    """
    columns = ("path", "x0", "y0", "x1", "y1", "invalid", "occlusion", "pose", "illumination")
    with Archive(data, name) as archive:
        boxed: dict[str, list[list[float]]] = {}
        for row in archive.table("boxes.csv", columns):
            box = [float(row[k]) for k in ("x0", "y0", "x1", "y1")]
            easy = row["occlusion"] == row["pose"] == row["illumination"] == "0"
            large = min(box[2] - box[0], box[3] - box[1]) >= MIN_BOX_PX
            if row["invalid"] == "0" and large and not (hard and easy):
                boxed.setdefault(row["path"], []).append(box)
        paths = _subsample(sorted(boxed), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                boxes = np.array(boxed[path], np.float32)
                yield archive.picture(path), boxes, [WITHOUT] * len(boxes)

        title = f"{name}/hard" if hard else name
        return _cut(title, archive.fingerprint(), items, len(paths), spec, limit, detected=detected)


def portraits(data: Path, name: str, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """Faces without masks from a set of portraits such as `lfw_gender`, one per picture."""
    with Archive(data, name) as archive:
        paths = _subsample(archive.paths(), limit)

        def items() -> Iterator[Item]:
            for path in paths:
                yield archive.picture(path), None, [WITHOUT]

        return _cut(name, archive.fingerprint(), items, len(paths), spec, limit)


def own_pictures(data: Path, spec: CropSpec, *, limit: int | None = None) -> MaskSet:
    """The user's own pictures, see `training.folders.mask_folders`; empty without such folders."""
    labelled = mask_folders(data)
    labelled = labelled[thinned(len(labelled), limit)]

    def items() -> Iterator[Item]:
        for path, label in labelled:
            yield read_picture(path), None, [label]

    stamp = fingerprint([path for path, _ in labelled])
    return _cut("own", stamp, items, len(labelled), spec, limit)


def _subsample(paths: list[str], limit: int | None) -> list[str]:
    return paths[thinned(len(paths), limit)]


def _cut(
    name: str,
    data: str,
    items: Callable[[], Iterator[Item]],
    total: int,
    spec: CropSpec,
    limit: int | None,
    *,
    detected: bool = False,
) -> MaskSet:
    def build() -> Arrays:
        cropper = DetectedCropper(spec) if detected else Cropper(spec)
        labels: list[NDArray[np.int64]] = []
        sides: list[F32] = []
        codes: list[NDArray[np.uint8]] = []

        def boxed() -> Iterator[tuple[Frame, F32]]:
            for picture, true_boxes, label in items():
                boxes = cropper.largest_box(picture) if true_boxes is None else true_boxes
                labels.append(np.array(label, np.int64))
                sides.append((boxes[:, 2:] - boxes[:, :2]).min(axis=1))
                codes.append(hashes([picture]))
                yield picture, boxes

        arrays = cut_all(cropper, boxed(), total=total, title=name)
        hashed = np.concatenate(codes) if codes else np.zeros((0, 8), np.uint8)
        origin = list(zip(arrays["picture"], arrays["box"], strict=True))
        return {
            **arrays,
            "label": np.array([labels[i][k] for i, k in origin], np.int64),
            "side_px": np.array([sides[i][k] for i, k in origin], np.float32),
            "group": group(hashed)[arrays["picture"]],
            "code": hashed[arrays["picture"]],
            "boxed_px": np.concatenate(sides) if sides else np.zeros(0, np.float32),
        }

    more = detection_key() if detected else {}
    key = cache_key(spec, data, name=name, limit=limit, codes=True, **more)
    arrays = cached(name.replace("/", "-"), key, build)
    return MaskSet(
        name,
        arrays["crops"],
        arrays["label"],
        arrays["side_px"],
        arrays["group"],
        arrays["code"],
        arrays["presence"],
        arrays["boxed_px"],
        arrays["outline"],
        arrays["yaw_deg"],
    )
