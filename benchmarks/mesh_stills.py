"""Meshes on still pictures: distance to the first, 68 points, jitter, and presence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou, overlap_of_smaller
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect import create_detector, detector_entry
from realtime.landmark.dlib68 import regions_from_point_boxes
from realtime.landmark.mesh68 import MeshTo68
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.landmark.registry import create_follower
from realtime.landmark.types import Follower
from realtime.track.track import SEEN
from training.crops import whole_box
from training.data import Archive
from training.detector import scenes
from training.folders import thinned
from training.landmarks.correction import fit_correction
from training.landmarks.errors import face_errors
from training.landmarks.faces import read_faces
from training.progress import over

BORDER = 0.5  # see `training.landmarks.faces.LabelledFace.padded`
MIN_SIDE_PX, MIN_IOU = 24.0, 0.3
STILLS, FRAMES, NOISE = 60, 30, 4.0  # of the jitter: pictures, frames of each, gray levels
BACKGROUNDS = 4  # squares without a face from each scene
Still = tuple[Frame, F32]
Figures = dict[str, dict[str, float]]


def measure(data: Path, names: Sequence[str], *, limit: int | None = None) -> Figures:
    """The figures of each mesh, by name.

    Args:
        data: Folder of zipped data sets.
        names: Landmarkers that return a mesh with presence; the first is the reference.
        limit: Maximum number of pictures of each set.
    """
    meshes = {name: create_follower(name) for name in names}
    helen, utkface = _labelled(data, "test", limit), _aligned(data, limit)
    figures: Figures = {name: {} for name in names}
    for title, stills in (("300-W test", helen[0]), ("utkface test", utkface)):
        found = {n: points_of(m, stills, f"{n}, {title}") for n, m in meshes.items()}
        for name in names:
            errors = distances(found[name], found[names[0]])
            figures[name][f"distance to {names[0]}, {title}"] = float(errors.mean())
            figures[name][f"distance to {names[0]}, {title}, p95"] = float(
                np.quantile(errors, 0.95)
            )
        if title == "300-W test":
            helen_points = found
    train = _labelled(data, "train", limit)
    for name, mesh in meshes.items():
        learned = fit_correction(points_of(mesh, train[0], f"{name}, 300-W train"), train[1])
        for key, mapping in (("shipped map", MeshTo68.load()), ("learned map", learned)):
            errors = face_errors(mapping(helen_points[name]), helen[1])
            figures[name][f"68 points, helen test, {key}"] = float(errors.mean())
        figures[name]["jitter, share of the eye distance"] = jitter(mesh, helen[0])
    for key, stills in _presence_stills(data, limit).items():
        for name, mesh in meshes.items():
            seen = np.concatenate([_presence(mesh, *still) for still in stills])
            right = seen < SEEN if key == "background" else seen >= SEEN
            figures[name][f"presence right, {key}, n={len(seen)}"] = float(right.mean())
    return figures


def points_of(mesh: Follower, stills: Sequence[Still], title: str) -> F32:
    """The mesh (n, 468, 3) of the one face in each picture, after two passes."""
    rows = []
    for picture, region in over(stills, len(stills), title):
        first, _ = mesh(picture, region)
        rows.append(mesh(picture, regions_from_landmarks(first))[0].points)
    return np.concatenate(rows)


def distances(points: F32, reference: F32) -> F32:
    """(n,) mean distance of the points in the picture, over the reference's outer eye corners'."""
    corners = Landmarks(MESH468, reference).eye_corners()[..., :2]
    eyes = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1)
    errors = np.linalg.norm((points - reference)[..., :2], axis=2).mean(axis=1)
    return np.asarray(errors / np.maximum(eyes, 1), np.float32)


def jitter(mesh: Follower, stills: Sequence[Still]) -> float:
    """How far points of a still face move from frame to frame where only the noise changes.

    Returns:
        Mean standard deviation of the points over the frames, over the distance of the eyes.
    """
    chosen = stills[thinned(len(stills), STILLS)]
    moved = []
    for k, (picture, region) in enumerate(chosen):
        rng, rows, at = np.random.default_rng(k), [], region
        for _ in range(FRAMES):
            noisy = picture + rng.normal(0, NOISE, picture.shape)
            found, _ = mesh(np.clip(noisy, 0, 255).astype(np.uint8), at)
            at = regions_from_landmarks(found)
            rows.append(found.points[0])
        points = np.stack(rows[5:])  # the first frames still find the region
        corners = Landmarks(MESH468, points).eye_corners()[..., :2]
        eyes = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1).mean()
        moved.append(points[..., :2].std(axis=0).mean() / eyes)
    return float(np.mean(moved))


def _labelled(data: Path, split: str, limit: int | None) -> tuple[list[Still], F32]:
    """Pictures of 300-W with their regions, and their 68 points."""
    faces = [face.padded(BORDER) for face in read_faces(data, split, limit=limit)]
    stills = [(face.picture, regions_from_point_boxes(face.box[None])) for face in faces]
    return stills, np.stack([face.points for face in faces])


def _aligned(data: Path, limit: int | None) -> list[Still]:
    with Archive(data, "utkface") as archive:
        paths = archive.paths("test/")
        pictures = [archive.picture(p) for p in paths[thinned(len(paths), limit)]]
    return [(picture, regions_from_boxes(whole_box(picture))) for picture in pictures]


def _presence(mesh: Follower, picture: Frame, regions: F32) -> F32:
    """Presence (n,): the better of two passes."""
    first, presence = mesh(picture, regions)
    again = mesh(picture, regions_from_landmarks(first))[1]
    return np.asarray(np.maximum(presence, again), np.float32)


def _presence_stills(data: Path, limit: int | None) -> dict[str, list[Still]]:
    """Detected faces of mask_scenes val by label, and squares without a face of wider_val."""
    found: dict[str, list[Still]] = {"masked": [], "bare": [], "background": []}
    detector, least = create_detector("facestream"), detector_entry("facestream").min_score
    listed = scenes.mask_scenes(data, "val")
    listed = listed[thinned(len(listed), limit)]
    for scene, picture in _decoded(data, "mask_scenes", listed):
        faces = detector.detect(picture, min_score=least)
        labels = scene.mask[scene.side_px >= MIN_SIDE_PX]
        boxes = scene.xyxy[scene.side_px >= MIN_SIDE_PX]
        if not len(faces) or not len(boxes):
            continue
        overlap = iou(faces.xyxy, boxes)
        regions = regions_from_boxes(faces.xyxy, faces.keypoints)
        matched, label = overlap.max(axis=1) >= MIN_IOU, labels[overlap.argmax(axis=1)]
        found["masked"].append((picture, regions[matched & (label == 0)]))
        found["bare"].append((picture, regions[matched & (label == 1)]))
    listed = scenes.wider(data, "wider_val")
    listed = listed[thinned(len(listed), limit)]
    rng = np.random.default_rng(0)
    for scene, picture in _decoded(data, "wider_val", listed):
        found["background"].append((picture, _free_squares(picture, scene.xyxy, rng)))
    return found


def _free_squares(picture: Frame, faces: F32, rng: np.random.Generator) -> F32:
    height, width = picture.shape[:2]
    side = np.exp(rng.uniform(np.log(32), np.log(min(height, width) / 2), BACKGROUNDS))
    x, y = rng.uniform(0, width, BACKGROUNDS), rng.uniform(0, height, BACKGROUNDS)
    boxes = np.stack([x - side / 2, y - side / 2, x + side / 2, y + side / 2], axis=1)
    free = overlap_of_smaller(boxes.astype(np.float32), faces).max(axis=1, initial=0) == 0
    rows = np.column_stack([x, y, side, np.zeros(BACKGROUNDS)])[free]
    return np.asarray(rows, np.float32)


def _decoded(
    data: Path, name: str, listed: list[scenes.Scene]
) -> Iterable[tuple[scenes.Scene, Frame]]:
    return over(scenes.pictures(data, name, listed), len(listed), f"presence, {name}")
