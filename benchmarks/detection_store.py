"""Detections of each detector on the images of a data set; those of slow detectors are cached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks import meshed_detector
from realtime.core.faces import Faces, Frame
from realtime.detect import Detector
from realtime.detect.ensemble import MIN_SCORE_SHARE, Member, fuse_detections
from training.data import Archive
from training.detector.scenes import MAX_SIDE_PX, Scene, downscale
from training.progress import over

MIN_SCORE = 0.05  # precision-recall curves end here
SAVE_EVERY = 40  # images
DETECT = Path(__file__).resolve().parents[1] / "realtime" / "detect"
# Detectors whose results are cached, and the packages that these depend on.
SLOW = {"mtcnn": "mtcnn", "haar": "opencv-python-headless", "hog": "dlib-bin"}


@dataclass(frozen=True, slots=True, eq=False)
class ResizedScene:
    """A scene and the size at which detectors get it.

    Attributes:
        scene: The scene in its original size.
        scale: Resized pixels per original pixel, at most 1.
        size_wh: Width and height of the resized image.
    """

    scene: Scene
    scale: float
    size_wh: tuple[int, int]


@dataclass(eq=False)
class DetectionStore:
    """Runs detectors on the scenes of data sets, once per scene.

    Args:
        data: Folder of zipped data sets.
        cache: Folder for the detections of slow detectors; None to keep them in memory only.
    """

    data: Path
    cache: Path | None = None
    _detectors: dict[str, Detector] = field(default_factory=dict, init=False)
    _images: dict[str, dict[str, Frame]] = field(default_factory=dict, init=False)
    _known: dict[tuple[str, str, float], dict[str, Faces]] = field(default_factory=dict, init=False)

    def resized(self, set_name: str, scenes: Sequence[Scene]) -> list[ResizedScene]:
        """Return the scenes with the size at which detectors get them."""
        images = self._load(set_name, scenes)
        result = []
        for scene in scenes:
            image, scale = downscale(images[scene.path])
            result.append(ResizedScene(scene, scale, (image.shape[1], image.shape[0])))
        return result

    def detect(
        self, name: str, set_name: str, scenes: Sequence[Scene], *, min_score: float
    ) -> list[Faces]:
        """Run a detector on each scene.

        Args:
            name: The detector.
            set_name: The data set.
            scenes: Scenes of that set.
            min_score: The score threshold.

        Returns:
            The faces of each scene, in pixels of the resized image.
        """
        if name in SLOW:
            # The threshold can be applied afterwards: in these detectors' non-maximum suppression
            # a detection never affects one with a higher score.
            detections = self._detect(name, set_name, scenes, MIN_SCORE)
            return [faces[faces.score >= min_score] for faces in detections]
        return self._detect(name, set_name, scenes, min_score)

    def detect_ensemble(
        self,
        members: Mapping[str, Member],
        set_name: str,
        scenes: Sequence[Scene],
        *,
        min_score: float,
    ) -> list[Faces]:
        """Fuse the detections of an ensemble's members, as `detect` returns them."""
        parts = [
            self.detect(name, set_name, scenes, min_score=MIN_SCORE_SHARE * member.min_score)
            for name, member in members.items()
        ]
        result = []
        for resized, *detections in zip(self.resized(set_name, scenes), *parts, strict=True):
            faces = fuse_detections(detections, list(members.values()), resized.size_wh)
            result.append(faces[faces.score >= min_score])
        return result

    def _detect(
        self, name: str, set_name: str, scenes: Sequence[Scene], min_score: float
    ) -> list[Faces]:
        known = self._known.setdefault((name, set_name, min_score), {})
        file = self._cache_file(name, set_name)
        if file is not None and not known and file.is_file():
            known |= _read(file)
        missing = [scene for scene in scenes if scene.path not in known]
        if missing:
            images = self._load(set_name, missing)
            detector = self._detector(name)
            title = f"{name} on {set_name}"
            for i, scene in enumerate(over(missing, len(missing), title), 1):
                image, _ = downscale(images[scene.path])
                faces = detector.detect(image, min_score=min_score)
                known[scene.path] = Faces(
                    xyxy=faces.xyxy, score=faces.score, presence=faces.presence
                )
                if file is not None and (i % SAVE_EVERY == 0 or i == len(missing)):
                    _write(file, known)
        return [known[scene.path] for scene in scenes]

    def _detector(self, name: str) -> Detector:
        if name not in self._detectors:
            threads = os.cpu_count() or 1
            self._detectors[name] = meshed_detector.create(name, threads=threads)
        return self._detectors[name]

    def _load(self, set_name: str, scenes: Sequence[Scene]) -> dict[str, Frame]:
        images = self._images.setdefault(set_name, {})
        missing = [scene for scene in scenes if scene.path not in images]
        if missing:
            with Archive(self.data, set_name) as archive:
                for scene in missing:
                    images[scene.path] = archive.picture(scene.path)
        return images

    def _cache_file(self, name: str, set_name: str) -> Path | None:
        if self.cache is None or name not in SLOW:
            return None
        with Archive(self.data, set_name) as archive:
            data = archive.fingerprint()
        settings = f"{metadata.version(SLOW[name])} {MAX_SIDE_PX} {MIN_SCORE}".encode()
        code = (DETECT / f"{name}.py").read_bytes()
        version = hashlib.sha256(code + settings).hexdigest()[:12]
        return self.cache / f"{name}-{set_name}-{version}-{data}.npz"


def _write(file: Path, known: Mapping[str, Faces]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(
        temporary,
        paths=np.array(list(known)),
        counts=np.array([len(faces) for faces in known.values()]),
        xyxy=np.concatenate([faces.xyxy for faces in known.values()]),
        score=np.concatenate([faces.score for faces in known.values()]),
    )
    temporary.replace(file)


def _read(file: Path) -> dict[str, Faces]:
    with np.load(file) as arrays:
        ends = np.cumsum(arrays["counts"])
        starts = ends - arrays["counts"]
        return {
            str(path): Faces(xyxy=arrays["xyxy"][start:end], score=arrays["score"][start:end])
            for path, start, end in zip(arrays["paths"], starts, ends, strict=True)
        }
