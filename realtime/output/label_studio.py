"""Boxes as predictions that Label Studio imports: https://labelstud.io/guide/predictions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from realtime.attribute.registry import ATTRIBUTES
from realtime.core.answers import UNSURE
from realtime.core.faces import FrameResult
from realtime.core.geometry import inside
from realtime.output.coco import labels

MODEL_VERSION = "FaceStream"
IMAGE, BOX = "image", "face"  # names of the tags in the labelling configuration


def label_studio_tasks(results: Iterable[tuple[str, FrameResult]]) -> list[dict[str, Any]]:
    """A task per picture, with a rectangle per face and a choice per attribute of it.

    An attribute that is unsure has no choice: it is left to the annotator. `data.image` is the file
    name as given; Label Studio reads it from where its storage settings say.

    Args:
        results: file name and faces of each picture.

    Example:
        >>> from realtime.core.faces import Faces
        >>> result = FrameResult(Faces.from_boxes([[10, 20, 40, 60]]), (100, 80), 0.0)
        >>> (task,) = label_studio_tasks([("a.jpg", result)])
        >>> task["predictions"][0]["result"][0]["value"]["x"]
        10.0
    """
    return [
        {
            "data": {IMAGE: name},
            "predictions": [
                {
                    "model_version": MODEL_VERSION,
                    "score": round(float(result.faces.score.mean()), 4) if len(result.faces) else 0,
                    "result": _regions(result),
                }
            ],
        }
        for name, result in results
    ]


def label_studio_config() -> str:
    """The labelling configuration to which the tasks belong, to paste into a new project."""
    choices = "\n".join(
        f'  <Choices name="{name}" toName="{IMAGE}" perRegion="true">\n'
        + "".join(f'    <Choice value="{label}"/>\n' for label in attribute.labels)
        + "  </Choices>"
        for name, attribute in ATTRIBUTES.items()
    )
    return (
        f'<View>\n  <Image name="{IMAGE}" value="${IMAGE}"/>\n'
        f'  <RectangleLabels name="{BOX}" toName="{IMAGE}">\n    <Label value="Face"/>\n'
        f"  </RectangleLabels>\n{choices}\n</View>\n"
    )


def _regions(result: FrameResult) -> list[dict[str, Any]]:
    """The rectangles in percent of the picture, and the choices with the same region's id."""
    width, height = result.size_wh
    regions: list[dict[str, Any]] = []
    for i, (x0, y0, x1, y1) in enumerate(inside(result.faces.xyxy, result.size_wh).tolist()):
        box = {
            "x": round(100 * x0 / width, 4),
            "y": round(100 * y0 / height, 4),
            "width": round(100 * (x1 - x0) / width, 4),
            "height": round(100 * (y1 - y0) / height, 4),
            "rotation": 0,
        }
        shared = {
            "id": f"face{i + 1}",
            "to_name": IMAGE,
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
        }
        regions.append(
            {
                **shared,
                "from_name": BOX,
                "type": "rectanglelabels",
                "value": {**box, "rectanglelabels": ["Face"]},
                "score": round(float(result.faces.score[i]), 4),
            }
        )
        regions += [
            {**shared, "from_name": name, "type": "choices", "value": {**box, "choices": [label]}}
            for name, label in labels(result.faces, i).items()
            if label != UNSURE
        ]
    return regions
