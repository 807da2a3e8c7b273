"""The pictures whose faces the mesh is trained on, and where a face is in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from realtime.core.faces import F32, Frame
from realtime.core.geometry import iou
from realtime.detect import create_detector, detector_entry
from realtime.landmark.dlib68 import regions_from_point_boxes
from realtime.landmark.region import regions_from_boxes
from training.crops import whole_box
from training.data import Archive
from training.detector import scenes
from training.folders import thinned
from training.landmarks.faces import read_faces

DETECTOR = "facestream"
MIN_SCORE = 0.6  # of a detection that counts as a face without a label
MIN_SIDE_PX, MIN_IOU = 24.0, 0.3
BORDER = 0.5  # see `training.landmarks.faces.LabelledFace.padded`


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One set of pictures.

    Attributes:
        name: name of its zip file.
        title: what the card says of it, with its terms.
        share: how often its faces are drawn, relative to the other sets.
        under: folder in the zip; the empty string for all.
        detected: the faces are those that our detector finds; else each picture is one face.
        masked: most faces wear a mask, so that the teacher cannot see their lower half.
        most: maximum number of pictures, evenly spaced.
    """

    name: str
    title: str
    terms: str
    share: float
    under: str = ""
    detected: bool = False
    masked: bool = False
    most: int | None = None


SOURCES = (
    Source(
        name="utkface",
        title="utkface train",
        terms="non-commercial research",
        share=0.16,
        under="train/",
    ),
    Source(
        name="expressions_oval",
        title="expressions_oval",
        terms="origin unstated, looks like a part of AffectNet, which is for research only",
        share=0.14,
        most=3850,
    ),
    Source(
        name="mask_faces",
        title="mask_faces web",
        terms="MIT repositories; upstream photo owners unknown",
        share=0.10,
        under="web/",
        masked=True,
        most=1995,
    ),
    Source(
        name="mask_scenes",
        title="mask_scenes train",
        terms="MIT or unstated repositories",
        share=0.13,
        detected=True,
        most=1071,
        masked=True,
    ),
    Source(
        name="masked_web",
        title="masked_web",
        terms="no licence stated, or Apache-2.0",
        share=0.08,
        detected=True,
        most=615,
        masked=True,
    ),
    Source(
        name="wider_train",
        title="WIDER FACE train, 619 scenes",
        terms="CC BY-NC-ND 4.0",
        share=0.16,
        detected=True,
        most=619,
    ),
    Source(
        name="landmarks_300w",
        title="300-W train, pictures alone",
        terms="excludes commercial use",
        share=0.17,
        under="train/",
    ),
    Source(
        name="lfw_gender",
        title="LFW, 700 pictures",
        terms="research",
        share=0.06,
        detected=True,
        most=700,
    ),
)


def pictures(data: Path, source: Source, limit: int | None = None) -> tuple[int, Iterator[Found]]:
    """The number of pictures of a set, and their faces.

    Args:
        data: the folder of zipped sets.
        source: the set.
        limit: maximum number of pictures, evenly spaced.

    Raises:
        training.data.DataError: the set is missing or malformed.
    """
    limit = min(limit or source.most, source.most) if source.most else limit
    if source.name == "landmarks_300w":
        faces = read_faces(data, "train", limit=limit)
        padded = (face.padded(BORDER) for face in faces)
        return len(faces), ((f.picture, regions_from_point_boxes(f.box[None])) for f in padded)
    if source.detected:
        return _scenes(data, source, limit)
    with Archive(data, source.name) as archive:
        paths = archive.paths(source.under)
    paths = paths[thinned(len(paths), limit)]
    return len(paths), _whole(data, source.name, paths)


# A picture, and the first regions (n, 4) of its faces.
Found = tuple[Frame, F32]


def _whole(data: Path, name: str, paths: list[str]) -> Iterator[Found]:
    with Archive(data, name) as archive:
        for path in paths:
            picture = archive.picture(path)
            yield picture, regions_from_boxes(whole_box(picture))


def _scenes(data: Path, source: Source, limit: int | None) -> tuple[int, Iterator[Found]]:
    if source.name == "wider_train":
        listed = scenes.wider(data, source.name)
    elif source.name == "mask_scenes":
        listed = scenes.mask_scenes(data, "train")
    else:
        with Archive(data, source.name) as archive:
            paths = archive.paths(source.under)
        listed = [scenes.unlabelled(p) for p in paths]
    listed = listed[thinned(len(listed), limit)]

    def found() -> Iterator[Found]:
        detector = create_detector(DETECTOR)
        for scene, picture in scenes.pictures(data, source.name, listed):
            yield picture, _detect(detector, picture, scene)

    return len(listed), found()


def _detect(detector: object, picture: Frame, scene: scenes.Scene) -> F32:
    """Regions of the faces that the detector finds and that have a box, or of which it is sure."""
    least = detector_entry(DETECTOR).min_score
    faces = detector.detect(picture, min_score=least)  # type: ignore[attr-defined]
    sides = (faces.xyxy[:, 2:] - faces.xyxy[:, :2]).min(axis=1, initial=np.inf)
    sure = faces.score >= MIN_SCORE
    if len(scene.xyxy) and len(faces):
        labelled = iou(faces.xyxy, scene.xyxy[~scene.invalid])
        sure |= labelled.max(axis=1, initial=0) >= MIN_IOU
    kept = faces[sure & (sides >= MIN_SIDE_PX)]
    return regions_from_boxes(kept.xyxy, kept.keypoints)
