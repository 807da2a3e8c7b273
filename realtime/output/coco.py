"""Boxes in COCO's format, for tools that train or annotate: https://cocodataset.org/#format-data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.faces import Faces, FrameResult
from realtime.core.geometry import inside

FACE = {"id": 1, "name": "face", "supercategory": "person"}  # the only category


def coco_dataset(results: Iterable[tuple[str, FrameResult]]) -> dict[str, Any]:
    """An object-detection data set with one annotation per face.

    Args:
        results: file name and faces of each picture.

    Returns:
        `images`, `annotations` and `categories`; ids start at 1. Boxes are (x, y, width, height) in
        pixels of the upright picture, cut at its edges. Beyond the format, annotations have the
        detector's `score`, and the labels as `attributes`, where CVAT reads and writes them.

    Example:
        >>> result = FrameResult(Faces.from_boxes([[10, 20, 40, 60]]), (100, 80), 0.0)
        >>> coco_dataset([("a.jpg", result)])["annotations"][0]["bbox"]
        [10.0, 20.0, 30.0, 40.0]
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, (name, result) in enumerate(results, 1):
        width, height = result.size_wh
        images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        for i, box in enumerate(inside(result.faces.xyxy, result.size_wh).tolist()):
            x0, y0, x1, y1 = (round(value, 1) for value in box)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": FACE["id"],
                    "bbox": [x0, y0, round(x1 - x0, 1), round(y1 - y0, 1)],
                    "area": round((x1 - x0) * (y1 - y0), 1),
                    "segmentation": [],
                    "iscrowd": 0,
                    "score": round(float(result.faces.score[i]), 4),
                    "attributes": labels(result.faces, i),
                }
            )
    return {
        "info": {"description": "Faces detected by FaceStream"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [FACE],
    }


def labels(faces: Faces, i: int) -> dict[str, str]:
    """Face i's label of each attribute that is known, possibly `UNSURE`."""
    known = ((name, faces.label(name, i)) for name in ATTRIBUTES)
    return {name: label[0] for name, label in known if label is not None}
