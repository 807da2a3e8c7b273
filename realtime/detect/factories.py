"""Functions that create detectors and list their files.

Each imports its detector's module when it is called, so that reading the registry loads neither
OpenCV nor LiteRT nor an optional package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from realtime.detect.types import Detector

if TYPE_CHECKING:
    from realtime.detect.mtcnn import MtcnnThresholds

Factory = Callable[[int], Detector]  # given the number of threads the detector may use


def facestream(*sizes_px: int) -> Factory:
    """Create FaceStream's own detector for pictures resized to these longer sides."""

    def create(threads: int) -> Detector:
        from realtime.detect.facestream import FaceStreamDetector

        return FaceStreamDetector(sizes_px, threads=threads)

    return create


def facestream_files() -> Sequence[Path]:
    """The network of FaceStream's own detector."""
    from realtime.detect.facestream import network_file

    return [network_file()]


def blazeface(distance: Literal["short", "full"]) -> Factory:
    """Create BlazeFace, short or full range."""

    def create(threads: int) -> Detector:
        from realtime.detect.blazeface import SPECS, BlazeFace

        return BlazeFace(SPECS[distance], threads=threads)

    return create


def blazeface_files(distance: Literal["short", "full"]) -> Callable[[], Sequence[Path]]:
    """The network of BlazeFace, short or full range."""

    def files() -> Sequence[Path]:
        from realtime.detect.blazeface import SPECS
        from realtime.inference.mediapipe_files import network_path

        return [network_path(SPECS[distance].file)]

    return files


def mtcnn(thresholds: MtcnnThresholds | None = None) -> Factory:
    """Create MTCNN; it chooses its threads itself."""

    def create(_: int) -> Detector:
        from realtime.detect.mtcnn import Mtcnn

        return Mtcnn(thresholds)

    return create


def mtcnn_files() -> Sequence[Path]:
    """MTCNN's three networks."""
    from realtime.detect.mtcnn import weight_files

    return weight_files()


def haar(_: int) -> Detector:
    """Create OpenCV's Haar cascade; it uses OpenCV's threads."""
    from realtime.detect.haar import HaarCascade

    return HaarCascade()


def haar_files() -> Sequence[Path]:
    """The cascade that OpenCV ships."""
    from realtime.detect.haar import cascade_path

    return [cascade_path()]


def hog(_: int) -> Detector:
    """Create dlib's HOG detector; it runs on one thread."""
    from realtime.detect.hog import HogDetector

    return HogDetector()
