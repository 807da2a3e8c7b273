"""What each detector answers on each picture of a set, kept on disk where it takes long."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

from realtime.core.faces import Faces, Frame
from realtime.detect import Detector, create_detector
from realtime.detect.ensemble import MIN_SCORE_SHARE, Member, fuse_detections
from training.data import Archive
from training.detector.scenes import SEEN_PX, Scene, shrunk
from training.progress import over

LEAST_SCORE = 0.05  # weaker answers are left out of every curve
SAVE_EVERY = 40  # pictures
DETECT = Path(__file__).resolve().parents[1] / "realtime" / "detect"
# Detectors too slow to be asked again in each run: the files and packages that make their answers.
SLOW = {"mtcnn": "mtcnn", "haar": "opencv-python-headless", "hog": "dlib-bin"}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One scene as detectors see it.

    Attributes:
        scene: the scene as stored.
        scale: seen pixels for a stored one, 1 at most.
        size_wh: the seen picture's.
    """

    scene: Scene
    scale: float
    size_wh: tuple[int, int]


@dataclass(eq=False)
class Answers:
    """Asks detectors about the scenes of the sets, each only once.

    Args:
        data: the folder of zipped sets.
        cache: where the answers of slow detectors are kept; nowhere where it is None.
    """

    data: Path
    cache: Path | None = None
    _detectors: dict[str, Detector] = field(default_factory=dict, init=False)
    _pictures: dict[str, dict[str, Frame]] = field(default_factory=dict, init=False)
    _known: dict[tuple[str, str, float], dict[str, Faces]] = field(default_factory=dict, init=False)

    def seen(self, set_name: str, scenes: Sequence[Scene]) -> list[Seen]:
        """The scenes with their scale."""
        pictures = self._decoded(set_name, scenes)
        result = []
        for scene in scenes:
            picture, scale = shrunk(pictures[scene.path])
            result.append(Seen(scene, scale, (picture.shape[1], picture.shape[0])))
        return result

    def of(
        self, name: str, set_name: str, scenes: Sequence[Scene], *, min_score: float
    ) -> list[Faces]:
        """The faces of at least this score on each scene, in pixels of the shrunk picture."""
        if name in SLOW:
            # Their suppression never lets a weak answer change a stronger one.
            found = self._asked(name, set_name, scenes, LEAST_SCORE)
            return [f[f.score >= min_score] for f in found]
        return self._asked(name, set_name, scenes, min_score)

    def fused(
        self,
        members: Mapping[str, Member],
        set_name: str,
        scenes: Sequence[Scene],
        *,
        min_score: float,
    ) -> list[Faces]:
        """What the ensemble of these members answers, without asking them again."""
        parts = [
            self.of(name, set_name, scenes, min_score=MIN_SCORE_SHARE * member.min_score)
            for name, member in members.items()
        ]
        result = []
        for seen, *answers in zip(self.seen(set_name, scenes), *parts, strict=True):
            faces = fuse_detections(answers, list(members.values()), seen.size_wh)
            result.append(faces[faces.score >= min_score])
        return result

    def _asked(
        self, name: str, set_name: str, scenes: Sequence[Scene], min_score: float
    ) -> list[Faces]:
        known = self._known.setdefault((name, set_name, min_score), {})
        file = self._file(name, set_name)
        if file is not None and not known and file.is_file():
            known |= _read(file)
        wanted = [s for s in scenes if s.path not in known]
        if wanted:
            pictures = self._decoded(set_name, wanted)
            detector = self._detector(name)
            title = f"{name} on {set_name}"
            for i, scene in enumerate(over(wanted, len(wanted), title), 1):
                picture, _ = shrunk(pictures[scene.path])
                found = detector.detect(picture, min_score=min_score)
                known[scene.path] = Faces(found.xyxy, found.score)
                if file is not None and (i % SAVE_EVERY == 0 or i == len(wanted)):
                    _write(file, known)
        return [known[s.path] for s in scenes]

    def _detector(self, name: str) -> Detector:
        if name not in self._detectors:
            self._detectors[name] = create_detector(name, threads=os.cpu_count() or 1)
        return self._detectors[name]

    def _decoded(self, set_name: str, scenes: Sequence[Scene]) -> dict[str, Frame]:
        pictures = self._pictures.setdefault(set_name, {})
        absent = [s for s in scenes if s.path not in pictures]
        if absent:
            with Archive(self.data, set_name) as archive:
                for scene in absent:
                    pictures[scene.path] = archive.picture(scene.path)
        return pictures

    def _file(self, name: str, set_name: str) -> Path | None:
        if self.cache is None or name not in SLOW:
            return None
        with Archive(self.data, set_name) as archive:
            data = archive.fingerprint()
        settings = f"{metadata.version(SLOW[name])} {SEEN_PX} {LEAST_SCORE}".encode()
        code = (DETECT / f"{name}.py").read_bytes()
        made = hashlib.sha256(code + settings).hexdigest()[:12]
        return self.cache / f"{name}-{set_name}-{made}-{data}.npz"


def _write(file: Path, known: Mapping[str, Faces]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(
        temporary,
        paths=np.array(list(known)),
        counts=np.array([len(f) for f in known.values()]),
        xyxy=np.concatenate([f.xyxy for f in known.values()]),
        score=np.concatenate([f.score for f in known.values()]),
    )
    temporary.replace(file)


def _read(file: Path) -> dict[str, Faces]:
    with np.load(file) as held:
        ends = np.cumsum(held["counts"])
        starts = ends - held["counts"]
        return {
            str(path): Faces(held["xyxy"][a:b], held["score"][a:b])
            for path, a, b in zip(held["paths"], starts, ends, strict=True)
        }
