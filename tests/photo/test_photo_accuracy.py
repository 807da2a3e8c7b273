"""Detection on real photographs: minimum recall and precision.

The thresholds in `realtime.engine.acceptance` were chosen on other pictures. On all of wider_val,
precision is 0.96, and recall 0.88 for faces of at least 20 px that are neither heavily blurred nor
heavily occluded.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from realtime.core.faces import F32
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import MAX_FACES, analyze_photo
from realtime.media.pictures import decode_picture

pytestmark = pytest.mark.data
ALL = AnalysisSettings(max_faces=MAX_FACES)


def test_recall_and_precision_in_crowds(networks: Networks, data_dir: Path) -> None:
    recalled = true_positives = expected = false_positives = 0
    with ZipFile(data_dir / "wider_val.zip") as file:
        rows = defaultdict(list)
        text = io.TextIOWrapper(file.open("wider_val/boxes.csv"), "utf-8")
        for row in csv.DictReader(text):
            rows[row["path"]].append(row)
        for path in list(rows)[::5]:
            picture = decode_picture(file.read(f"wider_val/{path}"))
            boxes = analyze_photo(networks, picture, ALL).faces.xyxy
            truth = np.array([[float(r[k]) for k in ("x0", "y0", "x1", "y1")] for r in rows[path]])
            hits = centres_inside(boxes, truth)
            clear = [is_clear(r) for r in rows[path]]
            recalled += int(hits.any(axis=0)[clear].sum())
            expected += sum(clear)
            true_positives += int(hits.any(axis=1).sum())
            false_positives += int((~hits.any(axis=1)).sum())
    assert expected > 100
    assert recalled / expected > 0.75
    assert true_positives / (true_positives + false_positives) > 0.9


def test_false_positives_in_scenes_without_faces(networks: Networks, data_dir: Path) -> None:
    with ZipFile(data_dir / "scenes_without_faces.zip") as file:
        names = sorted(n for n in file.namelist() if n.endswith(".webp"))[1::2]
        pictures = (decode_picture(file.read(name)) for name in names)
        false_positives = sum(len(analyze_photo(networks, p, ALL).faces) for p in pictures)
    assert len(names) > 100
    assert false_positives <= 1


def is_clear(row: dict[str, str]) -> bool:
    """Whether a face is large and clear enough to be expected."""
    side = max(float(row["x1"]) - float(row["x0"]), float(row["y1"]) - float(row["y0"]))
    return side >= 20 and row["invalid"] == "0" and row["blur"] != "2" and row["occlusion"] != "2"


def centres_inside(boxes: F32, truth: F32) -> np.ndarray:
    """Which detected boxes (n, 4) have their centre inside which true boxes (m, 4): (n, m)."""
    centre = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    inside = (centre >= truth[None, :, :2]) & (centre <= truth[None, :, 2:])
    return np.asarray(inside.all(axis=2))
