"""Where faces are looked for: the regions that detector and mesh give, and how far they err."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from realtime import detect
from realtime.core.faces import F32
from realtime.detect import create_detector
from realtime.detect.entry import INSTALLED_AS
from realtime.detect.suppress import iou
from realtime.inference.mediapipe_files import network_path
from realtime.landmark import dlib68, mesh, region
from realtime.landmark.dlib68 import regions_about, regions_from_point_boxes
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from training.crops import cached
from training.landmarks.faces import LabelledFace
from training.progress import over

BORDER = 0.5  # see `LabelledFace.within`
MIN_IOU = 0.3  # of a detected box with the box about the points
SOURCES = ("mesh", "detector", "box")
MESH_NETWORK = "face_landmark/face_landmark"


def found_regions(
    faces: Sequence[LabelledFace], name: str, detector: str, *, fingerprint: str
) -> dict[str, F32]:
    """What is known of each face before its points are looked for.

    Args:
        faces: as they were read, without a border.
        name: of the split, for the cache.
        detector: the detector to ask.
        fingerprint: of the data.

    Returns:
        Regions (n, 4) in pixels of the pictures by source: `detector`, from its box and eyes, NaN
        where it misses the face; `mesh`, from the mesh in that region, or in that of the box about
        the points where the detector missed; `box`, the upright one about the points. And
        `landmarks` (n, 468, 3), the mesh's on a second look, from `mesh`; `own` (n, 468, 3), the
        mesh's from the box about the points, after two looks.
    """

    def build() -> dict[str, Any]:
        finder, network, rows = create_detector(detector), FaceMesh(), []
        for face in over(faces, len(faces), f"looking for faces, {name}"):
            wide = face.within(BORDER)
            edge = round(BORDER * max(face.picture.shape[:2]))
            box = regions_from_point_boxes(wide.box[None])
            seen = np.full((1, 4), np.nan, np.float32)
            found = finder.detect(wide.picture, min_score=0.5)
            overlap = iou(wide.box[None], found.xyxy)[0]
            if overlap.max(initial=0) >= MIN_IOU:
                best = [int(overlap.argmax())]
                points = None if found.keypoints is None else found.keypoints[best]
                seen = regions_from_boxes(found.xyxy[best], points)
            first, _ = network(wide.picture, box if np.isnan(seen).any() else seen)
            followed = regions_from_landmarks(first)
            second, _ = network(wide.picture, followed)
            own, _ = network(wide.picture, box)
            own, _ = network(wide.picture, regions_from_landmarks(own))
            shift = np.array([edge, edge, 0, 0], np.float32)
            rows.append(
                [r[0] - shift for r in (seen, followed, box)]
                + [m[0] - shift[[0, 1, 2]] for m in (second, own)]
            )
        names = ("detector", "mesh", "box", "landmarks", "own")
        return {n: np.stack([row[i] for row in rows]) for i, n in enumerate(names)}

    code = hashlib.sha256()
    modules = [Path(str(module.__file__)) for module in (dlib68, mesh, region)]
    for path in [*modules, *sorted(Path(detect.__file__).parent.glob("*.py"))]:
        code.update(path.read_bytes())
    key = {
        "data": fingerprint,
        "n": len(faces),
        "detector": detector,
        "networks": network_versions(detector),
        "code": code.hexdigest(),
    }
    return cached(f"landmark-regions-{name}", key, build)


def network_versions(detector: str) -> dict[str, str]:
    """Identifies the weights that regions depend on: the detector's and the mesh network's.

    Returns:
        SHA-256 by file name, and the version of each package that carries a detector.
    """
    entry = detect.detector_entry(detector)
    files = [*entry.files(), network_path(MESH_NETWORK)]
    # The same digest as in the model's card.
    versions = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for package in entry.packages:  # dlib's weights are compiled into the package
        name = INSTALLED_AS.get(package, package)
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def errors(regions: F32, points: F32) -> F32:
    """How regions err against the best for these points (n, 68, 2): (n, 4).

    Along the face's own axes, in sides of the best region: to the right, down, log of the side;
    and radians of turn.
    """
    best = regions_about(points)
    angle = -best[:, 3]
    delta = regions[:, :2] - best[:, :2]
    cos, sin = np.cos(angle), np.sin(angle)
    right = (cos * delta[:, 0] - sin * delta[:, 1]) / best[:, 2]
    down = (sin * delta[:, 0] + cos * delta[:, 1]) / best[:, 2]
    turn = np.angle(np.exp(1j * (regions[:, 3] - best[:, 3])))
    scale = np.log(regions[:, 2] / best[:, 2])
    return np.column_stack([right, down, scale, turn]).astype(np.float32)


def error_table(found: dict[str, F32], points: F32) -> list[dict[str, Any]]:
    """Rows for people: mean and spread of each source's errors."""
    rows = []
    for source in SOURCES:
        wrong = errors(found[source], points)
        wrong = wrong[~np.isnan(wrong).any(axis=1)]
        wrong[:, 3] = np.degrees(wrong[:, 3])
        heads = ("to the right", "down", "log side", "turn in degrees")
        cells = {
            h: f"{m:+.3f} ± {s:.3f}"
            for h, m, s in zip(heads, wrong.mean(axis=0), wrong.std(axis=0), strict=True)
        }
        rows.append({"region from": source, "faces": len(wrong), **cells})
    return rows
