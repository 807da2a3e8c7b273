"""Labels in the chart of detectors cover neither dots nor each other."""

from __future__ import annotations

from realtime.ui.explore.detector_charts import label_sides


def test_a_lone_dot_has_its_label_on_the_right_unless_it_is_at_the_edge() -> None:
    assert label_sides({"one": (10.0, 0.5)}) == ["right"]
    assert label_sides({"a long name": (400.0, 0.5)}) == ["left"]
    assert label_sides({}) == []


def test_labels_of_neighbours_are_on_different_sides() -> None:
    # Next to each other, above each other, and far away.
    assert label_sides({"left one": (10.0, 0.5), "right one": (13.0, 0.5)}) == ["left", "right"]
    close = label_sides({"first": (10.0, 0.5), "second": (10.0, 0.53), "far": (100.0, 0.9)})
    assert close[0] != close[1]
    assert close[2] == "right"


def test_a_label_does_not_cover_that_of_a_dot_a_little_lower() -> None:
    dots = {
        "FaceStream": (8.1, 0.874),
        "FaceStream at 448 px": (5.2, 0.832),
        "FaceStream at three sizes": (16.5, 0.884),
    }
    assert label_sides(dots)[0] == "above"
