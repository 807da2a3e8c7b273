"""Face detectors: one file each, one protocol, one registry."""

from realtime.detect.registry import DETECTORS, create_detector
from realtime.detect.types import Detector

__all__ = ["DETECTORS", "Detector", "create_detector"]
