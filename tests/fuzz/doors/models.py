"""Model folders: a card with its labels, or the arrays of a landmark model.

The model file is the one whose hash the corpus' card states: a damaged file is refused for its
hash, but a card may be wrong itself.
"""

from __future__ import annotations

from functools import cache
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory

import models
from realtime.landmark.mesh68 import MeshTo68
from tests.fuzz.door import Door

MODEL_FILE = b"a model"
LABELS_LINE = b"\n# labels.txt:\n"  # in an input, what follows is that file


def enter(data: bytes) -> None:
    """Load a model; what is accepted has values that can be used."""
    folder = _folder()
    if data.startswith(b"PK"):
        path = folder / "model.npz"
        path.write_bytes(data)
        MeshTo68.read(path)
        return
    card, _, labels = data.partition(LABELS_LINE)
    (folder / models.CARD).write_bytes(card)
    (folder / models.LABELS).write_bytes(labels)
    model = models.load(folder.name, root=folder.parent)
    assert model.side_px > 0
    assert isfinite(model.zoom)
    assert model.zoom > 0
    assert model.labels


@cache
def _root() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="facestream-fuzz-")


@cache
def _folder() -> Path:
    folder = Path(_root().name) / "fuzzed"
    folder.mkdir()
    (folder / models.NETWORK).write_bytes(MODEL_FILE)
    return folder


DOOR = Door(
    enter=enter,
    words=(
        b"[unsure]\n",
        b"[input]\n",
        b"confidence = nan\n",
        b"side_px = 0\n",
        b"side_px = -1\n",
        b"zoom = inf\n",
        b"zoom = 1" + b"0" * 400 + b"\n",
        b"zoom = 1" + b"0" * 5000 + b"\n",
        b"deep = " + b"[" * 5000,
        b"labels = [[1]]\n",
        b"true",
        b"0",
        b"-1",
        b"1e999",
        b'""',
        b"'''",
        b"1979-13-01",
        LABELS_LINE,
        b"\xff",
        b"\0",
        b"\xe2\x80\xa8",
    ),
)
