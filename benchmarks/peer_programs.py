"""The programs that `python -m benchmarks peers` compares, by name.

Each runs as its documentation shows it for a stream. Its packages are imported only when it is
created, in a process of its own, and that of MediaPipe's programs in an environment of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.mediapipe_python import ENVIRONMENT, mediapipe_python
from realtime.core.arrays import F32, Frame
from realtime.core.extras import missing_packages

FRAME_INTERVAL_S = 1 / 30
CLASSIFIER_SIDE_PX = 48
CLASSIFIED = 2  # attributes: mask and emotion, one Keras call each per face
YUNET_MIN_SCORE = 0.7

Program = Callable[[Frame], int]  # one frame of a stream in, number of faces out


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a program is created with.

    Attributes:
        max_faces: maximum number of faces to follow, for programs that ask for it.
        yunet: the file of OpenCV's face detector YuNet; None: not given.
    """

    max_faces: int
    yunet: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program to compare.

    Attributes:
        title: its name in the report.
        leaves_out: what FaceStream does for each frame and this program does not.
        create: creates the program; None: it runs in Chromium, see `benchmarks.human_peer`.
        packages: what it imports beyond the pipeline's own requirements.
        needs_yunet: whether it needs the file of YuNet.
        mediapipe: whether it runs MediaPipe's own code, see `benchmarks.mediapipe_python`.
    """

    title: str
    leaves_out: str
    create: Callable[[Options], Program] | None
    packages: tuple[str, ...] = ()
    needs_yunet: bool = False
    mediapipe: bool = False

    def missing(self, options: Options) -> str:
        """Why it cannot run here; empty if it can."""
        absent = missing_packages(self.packages)
        if absent:
            return f"not installed: {', '.join(absent)}"
        if self.create is None:
            from benchmarks.human_peer import missing

            return missing()
        if self.mediapipe and mediapipe_python() is None:
            return f"not installed: run make {ENVIRONMENT}"
        return "no file given: --yunet FILE" if self.needs_yunet and not options.yunet else ""


def _facestream(options: Options) -> Program:
    from realtime.core.settings import AnalysisSettings, DrawSettings
    from realtime.engine.networks import Networks
    from realtime.engine.pipeline import Pipeline
    from realtime.render.draw import StreamStats, draw_result

    settings, networks = AnalysisSettings(max_faces=max(options.max_faces, 1)), Networks()
    networks.warm_up(settings, faces=options.max_faces)
    pipeline = Pipeline(networks, settings, refresh_clear=False)
    draw = DrawSettings(landmarks=True, stats=True)
    stats = StreamStats(fps=30, age_p50_ms=12, age_p95_ms=20, dropped=0)
    now_s = 0.0

    def analyse(frame_bgr: Frame) -> int:
        nonlocal now_s
        now_s += FRAME_INTERVAL_S
        faces = pipeline.process(frame_bgr, now_s).faces
        draw_result(frame_bgr, faces, draw, stats)
        return len(faces)

    return analyse


def _face_mesh(**choices: bool) -> Callable[[Options], Program]:
    """MediaPipe's FaceMesh with these options, beside the maximum number of faces."""

    def create(options: Options) -> Program:
        import mediapipe

        graph = mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=options.max_faces, **choices)

        def analyse(frame_bgr: Frame) -> int:
            found = graph.process(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB)).multi_face_landmarks
            return len(found or ())

        return analyse

    return create


def _face_detection(_: Options) -> Program:
    import mediapipe

    graph = mediapipe.solutions.face_detection.FaceDetection()

    def analyse(frame_bgr: Frame) -> int:
        return len(graph.process(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB)).detections or ())

    return analyse


def _yunet(options: Options) -> Program:
    detector: Any = None

    def analyse(frame_bgr: Frame) -> int:
        nonlocal detector
        if detector is None:
            size_wh = (frame_bgr.shape[1], frame_bgr.shape[0])
            detector = cv2.FaceDetectorYN.create(str(options.yunet), "", size_wh, YUNET_MIN_SCORE)
        faces = detector.detect(frame_bgr)[1]
        return 0 if faces is None else len(faces)

    return analyse


def _detect_and_classify(detector: str) -> Callable[[Options], Program]:
    """A detector on every frame, then one call of a small Keras network per face and attribute."""

    def create(_: Options) -> Program:
        from realtime.detect import create_detector, detector_entry

        detect = create_detector(detector).detect
        min_score, classify = detector_entry(detector).min_score, _keras_classifier()

        def analyse(frame_bgr: Frame) -> int:
            boxes = detect(frame_bgr, min_score=min_score).xyxy
            for box in boxes:
                crop = _gray_crop(frame_bgr, box)
                for _ in range(CLASSIFIED):
                    classify(crop)
            return len(boxes)

        return analyse

    return create


def _keras_classifier() -> Callable[[F32], Any]:
    """A network of the size of mini-Xception, with random weights: only its time counts."""
    import keras

    layers = keras.layers
    side = CLASSIFIER_SIDE_PX
    steps = [keras.Input((side, side, 1)), layers.Conv2D(8, 3, activation="relu")]
    for channels in (16, 32, 64, 128):
        steps += [
            layers.SeparableConv2D(channels, 3, padding="same", activation="relu"),
            layers.SeparableConv2D(channels, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
        ]
    steps += [layers.GlobalAveragePooling2D(), layers.Dense(7, activation="softmax")]
    network = keras.Sequential(steps)
    return lambda crop: network(crop, training=False)


def _gray_crop(frame_bgr: Frame, xyxy: F32) -> F32:
    """The face as a batch of one: (1, side, side, 1), 0 to 1."""
    height, width = frame_bgr.shape[:2]
    x0, y0, x1, y1 = np.clip(xyxy, 0, (width, height, width, height)).astype(int)
    face = cv2.cvtColor(frame_bgr[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(face, (CLASSIFIER_SIDE_PX, CLASSIFIER_SIDE_PX), interpolation=cv2.INTER_AREA)
    crop: F32 = small.astype(np.float32)[None, ..., None] / np.float32(255)
    return crop


OURS, HUMAN = "facestream", "human"
PEERS: Mapping[str, Peer] = {
    OURS: Peer(
        title="FaceStream, everything",
        leaves_out="",
        create=_facestream,
    ),
    "facemesh": Peer(
        title="MediaPipe FaceMesh",
        leaves_out="masks, emotions, track numbers, drawing, new faces while enough are seen",
        create=_face_mesh(),
        mediapipe=True,
    ),
    "facemesh-refined": Peer(
        title="MediaPipe FaceMesh, refine_landmarks",
        leaves_out="as FaceMesh; adds irises, and finer eyes and lips",
        create=_face_mesh(refine_landmarks=True),
        mediapipe=True,
    ),
    "facemesh-static": Peer(
        title="MediaPipe FaceMesh, static_image_mode",
        leaves_out="as FaceMesh, but it detects faces on every frame",
        create=_face_mesh(static_image_mode=True),
        mediapipe=True,
    ),
    "facemesh-static-refined": Peer(
        title="MediaPipe FaceMesh, both options",
        leaves_out="as the two before",
        create=_face_mesh(static_image_mode=True, refine_landmarks=True),
        mediapipe=True,
    ),
    "facedetection": Peer(
        title="MediaPipe FaceDetection",
        leaves_out="mesh, masks, emotions, tracks, drawing; faces beyond 2 m",
        create=_face_detection,
        mediapipe=True,
    ),
    "yunet": Peer(
        title="OpenCV FaceDetectorYN (YuNet)",
        leaves_out="mesh, masks, emotions, tracks, drawing",
        create=_yunet,
        needs_yunet=True,
    ),
    "mtcnn-keras": Peer(
        title="mtcnn + 2 Keras calls per face",
        leaves_out="mesh, alignment, tracks, drawing",
        create=_detect_and_classify("mtcnn"),
        packages=("mtcnn", "tensorflow"),
    ),
    "haar-keras": Peer(
        title="Haar cascade + 2 Keras calls per face",
        leaves_out="mesh, alignment, tracks, drawing",
        create=_detect_and_classify("haar"),
        packages=("tensorflow",),
    ),
    HUMAN: Peer(
        title="human.js, WebAssembly, in Chromium",
        leaves_out="masks, track numbers, drawing; reuses answers while little changes",
        create=None,
        packages=("playwright",),
    ),
}
