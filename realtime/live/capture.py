"""What is requested from the browser's camera and microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Capture:
    """Camera and microphone settings; a running stream keeps those it started with.

    Attributes:
        sound: whether to request the microphone.
    """

    sound: bool = False

    def constraints(self) -> dict[str, Any]:
        """Constraints for `getUserMedia`; the page replaces camera and size by the visitor's.

        They ask for 30 frames per second even if fewer are analysed: aiortc delays each frame
        until the next one begins.
        """
        return {
            "video": {
                "facingMode": {"ideal": "user"},
                "width": {"ideal": 640},
                "height": {"ideal": 480},
                "frameRate": {"ideal": 30, "max": 30},
            },
            "audio": self.sound,
        }
