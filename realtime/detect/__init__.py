"""Face detectors: a protocol, a registry, and one file per detector."""

from realtime.detect.entry import DetectorEntry, DetectorMissingError
from realtime.detect.registry import DETECTORS, create_detector, detector_entry, live_detector_names
from realtime.detect.types import Detector

__all__ = [
    "DETECTORS",
    "Detector",
    "DetectorEntry",
    "DetectorMissingError",
    "create_detector",
    "detector_entry",
    "live_detector_names",
]
