"""Face regions from detector and mesh on labelled faces, and their errors."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import models
from realtime import detect
from realtime.core.faces import F32
from realtime.core.geometry import iou
from realtime.detect import create_detector
from realtime.detect.entry import PIP_NAMES
from realtime.landmark import dlib68, facestream_mesh, region, settled
from realtime.landmark.dlib68 import regions_from_point_boxes, regions_from_points
from realtime.landmark.facestream_mesh import FaceStreamMesh
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.landmark.settled import settled_mesh
from training.crops import cached
from training.landmarks.faces import LabelledFace
from training.progress import over

BORDER = 0.5  # see `LabelledFace.padded`
MIN_IOU = 0.3  # of a detected box with the bounding box of the points
SOURCES = ("mesh", "detector", "box")


def detect_regions(
    faces: Sequence[LabelledFace], name: str, detector: str, *, fingerprint: str
) -> dict[str, F32]:
    """Detect the region and the mesh of each face; results are cached in `runs/cache`.

    Args:
        faces: labelled faces, without a border.
        name: name of the split, for the cache.
        detector: name of the detector.
        fingerprint: fingerprint of the data, see `training.data.Archive.fingerprint`.

    Returns:
        Regions (n, 4) by source, in pixels of the pictures:

        - `detector`: from the detector's box and eyes, NaN where it misses the face.
        - `mesh`: from the mesh inside `detector`, or inside `box` where the detector missed.
        - `box`: from the bounding box of the labelled points, upright.

        And meshes (n, 468, 3): `landmarks` from the regions `mesh`, and `own` from `box` after a
        second pass.
    """

    def build() -> dict[str, Any]:
        face_detector, network, rows = create_detector(detector), FaceStreamMesh(), []
        for face in over(faces, len(faces), f"detecting faces, {name}"):
            padded = face.padded(BORDER)
            border_px = round(BORDER * max(face.picture.shape[:2]))
            box = regions_from_point_boxes(padded.box[None])
            detected = np.full((1, 4), np.nan, np.float32)
            found = face_detector.detect(padded.picture, min_score=0.5)
            overlap = iou(padded.box[None], found.xyxy)[0]
            if overlap.max(initial=0) >= MIN_IOU:
                best = [int(overlap.argmax())]
                points = None if found.keypoints is None else found.keypoints[best]
                detected = regions_from_boxes(found.xyxy[best], points)
            start = box if np.isnan(detected).any() else detected
            first, _ = network(padded.picture, start)
            from_mesh = regions_from_landmarks(first)
            second, _ = network(padded.picture, from_mesh)
            own, _ = network(padded.picture, box)
            own, _ = network(padded.picture, regions_from_landmarks(own))
            last, _ = settled_mesh(network, padded.picture, start)
            last_own, _ = settled_mesh(network, padded.picture, box)
            shift = np.array([border_px, border_px, 0, 0], np.float32)
            rows.append(
                [r[0] - shift for r in (detected, from_mesh, box)]
                + [m.points[0] - shift[[0, 1, 2]] for m in (second, own, last, last_own)]
            )
        names = ("detector", "mesh", "box", "landmarks", "own", "settled", "settled_own")
        return {n: np.stack([row[i] for row in rows]) for i, n in enumerate(names)}

    code = hashlib.sha256()
    modules = [Path(str(module.__file__)) for module in (dlib68, facestream_mesh, region, settled)]
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
    """The versions of the weights that regions depend on: detector and mesh network.

    Returns:
        SHA-256 by folder and file name, and the version of each package that contains a detector.
    """
    entry = detect.detector_entry(detector)
    files = [*entry.files(), models.load(facestream_mesh.NAME).path]
    # The same digest as in the model's card.
    versions = {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    for package in entry.packages:  # dlib's weights are compiled into the package
        name = PIP_NAMES.get(package, package)
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def region_errors(regions: F32, points: F32) -> F32:
    """Errors of regions against the ideal regions of labelled points.

    Args:
        regions: (n, 4).
        points: (n, 68, 2) labelled points.

    Returns:
        (n, 4) float32, along the face's axes and relative to the ideal side: shift to the right,
        shift down, logarithm of the ratio of sides, and rotation in radians.
    """
    best = regions_from_points(points)
    angle = -best[:, 3]
    delta = regions[:, :2] - best[:, :2]
    cos, sin = np.cos(angle), np.sin(angle)
    right = (cos * delta[:, 0] - sin * delta[:, 1]) / best[:, 2]
    down = (sin * delta[:, 0] + cos * delta[:, 1]) / best[:, 2]
    turn = np.angle(np.exp(1j * (regions[:, 3] - best[:, 3])))
    scale = np.log(regions[:, 2] / best[:, 2])
    return np.column_stack([right, down, scale, turn]).astype(np.float32)


def error_table(regions: dict[str, F32], points: F32) -> list[dict[str, Any]]:
    """Table rows: mean and standard deviation of each source's region errors."""
    rows = []
    for source in SOURCES:
        errors = region_errors(regions[source], points)
        errors = errors[~np.isnan(errors).any(axis=1)]
        errors[:, 3] = np.degrees(errors[:, 3])
        columns = ("shift right", "shift down", "log scale", "rotation in degrees")
        cells = {
            column: f"{mean:+.3f} ± {std:.3f}"
            for column, mean, std in zip(
                columns, errors.mean(axis=0), errors.std(axis=0), strict=True
            )
        }
        rows.append({"region from": source, "faces": len(errors), **cells})
    return rows
