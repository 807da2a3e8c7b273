"""COCO and Label Studio files have the shape that these tools document."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.faces import Faces, FrameResult
from realtime.output.coco import coco_dataset
from realtime.output.label_studio import label_studio_config, label_studio_tasks
from tests.builders import answers

SIZE_WH = (200, 100)


@pytest.fixture
def results() -> list[tuple[str, FrameResult]]:
    """No face; two faces, one over the edge and with an unsure emotion."""
    faces = Faces.from_boxes([[-10, 20, 50, 60], [100, 10, 150, 90]], score=[0.9, 0.7])
    doubts = [Doubt.BLURRED, 0]
    emotion = answers(EMOTION, [[0, 0, 0, 0.5, 0, 0, 0.5], [0, 0, 0, 1, 0, 0, 0]], doubts=doubts)
    mask = answers(MASK, [[1, 0, 0], [0, 1, 0]])
    both = FrameResult(faces.with_answers({"mask": mask, "emotion": emotion}), SIZE_WH, 0.0)
    return [("empty.jpg", FrameResult(Faces.empty(), SIZE_WH, 0.0)), ("both.jpg", both)]


def test_coco_lists_pictures_boxes_and_the_category(
    results: list[tuple[str, FrameResult]],
) -> None:
    data = json.loads(json.dumps(coco_dataset(results)))
    assert set(data) == {"info", "licenses", "images", "annotations", "categories"}
    assert data["images"][1] == {"id": 2, "file_name": "both.jpg", "width": 200, "height": 100}
    assert data["categories"] == [{"id": 1, "name": "face", "supercategory": "person"}]
    assert [a["id"] for a in data["annotations"]] == [1, 2]
    assert {a["image_id"] for a in data["annotations"]} == {2}
    first, second = data["annotations"]
    assert first["bbox"] == [0, 20, 50, 40]  # cut at the edge
    assert first["area"] == 2000
    assert (first["iscrowd"], first["segmentation"], first["category_id"]) == (0, [], 1)
    assert first["attributes"] == {"mask": "with_mask", "emotion": "unsure"}
    assert second["attributes"] == {"mask": "without_mask", "emotion": "happy"}
    assert second["score"] == pytest.approx(0.7)


def test_label_studio_has_percentages_and_choices_per_region(
    results: list[tuple[str, FrameResult]],
) -> None:
    empty, both = json.loads(json.dumps(label_studio_tasks(results)))
    assert empty["data"] == {"image": "empty.jpg"}
    assert empty["predictions"][0]["result"] == []
    regions = both["predictions"][0]["result"]
    boxes = [r for r in regions if r["type"] == "rectanglelabels"]
    choices = {(r["id"], r["from_name"]): r["value"]["choices"] for r in regions if r not in boxes}
    box = {"x": 0, "y": 20, "width": 25, "height": 40, "rotation": 0}
    assert boxes[0]["value"] == {**box, "rectanglelabels": ["Face"]}
    assert (boxes[0]["original_width"], boxes[0]["original_height"]) == SIZE_WH
    assert choices == {
        ("face1", "mask"): ["with_mask"],  # the unsure emotion is left to the annotator
        ("face2", "mask"): ["without_mask"],
        ("face2", "emotion"): ["happy"],
    }


def test_the_labelling_configuration_has_all_names_of_the_tasks(
    results: list[tuple[str, FrameResult]],
) -> None:
    view = ElementTree.fromstring(label_studio_config())
    names = {tag.get("name") for tag in view}
    assert names == {"image", "face", *ATTRIBUTES}
    used = {r["from_name"] for r in label_studio_tasks(results)[1]["predictions"][0]["result"]}
    assert used <= names
    offered = {choice.get("value") for choice in view.iter("Choice")}
    assert offered == {label for a in ATTRIBUTES.values() for label in a.labels}
