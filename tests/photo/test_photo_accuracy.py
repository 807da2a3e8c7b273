"""Real photographs: most faces are found, hardly anything else is.

The rules in `realtime.engine.photo` were chosen on other pictures. Measured on all of wider_val:
precision 0.94, recall 0.82 of the faces of 20 px or more that are neither heavily blurred nor
occluded.
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


def test_crowds(networks: Networks, data_dir: Path) -> None:
    found = true = expected = false = 0
    with ZipFile(data_dir / "wider_val.zip") as file:
        rows = defaultdict(list)
        text = io.TextIOWrapper(file.open("wider_val/boxes.csv"), "utf-8")
        for row in csv.DictReader(text):
            rows[row["path"]].append(row)
        for path in list(rows)[::5]:
            picture = decode_picture(file.read(f"wider_val/{path}"))
            boxes = analyze_photo(networks, picture, ALL).faces.xyxy
            known = np.array([[float(r[k]) for k in ("x0", "y0", "x1", "y1")] for r in rows[path]])
            hits = centres_inside(boxes, known)
            plain = [is_plain(r) for r in rows[path]]
            found += int(hits.any(axis=0)[plain].sum())
            expected += sum(plain)
            true += int(hits.any(axis=1).sum())
            false += int((~hits.any(axis=1)).sum())
    assert expected > 100
    assert found / expected > 0.75
    assert true / (true + false) > 0.9


def test_scenes_without_faces(networks: Networks, data_dir: Path) -> None:
    with ZipFile(data_dir / "scenes_without_faces.zip") as file:
        names = sorted(n for n in file.namelist() if n.endswith(".webp"))[1::2]
        pictures = (decode_picture(file.read(name)) for name in names)
        alarms = sum(len(analyze_photo(networks, p, ALL).faces) for p in pictures)
    assert len(names) > 100
    assert alarms <= 1


def is_plain(row: dict[str, str]) -> bool:
    """Whether a face is large and clear enough that it ought to be found."""
    side = max(float(row["x1"]) - float(row["x0"]), float(row["y1"]) - float(row["y0"]))
    return side >= 20 and row["invalid"] == "0" and row["blur"] != "2" and row["occlusion"] != "2"


def centres_inside(boxes: F32, known: F32) -> np.ndarray:
    """Which found boxes (n, 4) have their centre in which known ones (m, 4): (n, m)."""
    centre = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    inside = (centre >= known[None, :, :2]) & (centre <= known[None, :, 2:])
    return np.asarray(inside.all(axis=2))
