"""What is requested from the browser's camera and microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Facing = Literal["user", "environment"]


@dataclass(frozen=True, slots=True)
class Capture:
    """Camera and microphone settings; a running stream keeps those it started with.

    Attributes:
        facing: "user" for the front camera, "environment" for the back camera. A device with a
            single camera uses that.
        sound: whether to request the microphone.
    """

    facing: Facing = "user"
    sound: bool = False

    def constraints(self) -> dict[str, Any]:
        """Constraints for `getUserMedia`.

        They ask for 30 frames per second even if fewer are analysed: aiortc delays each frame
        until the next one begins.
        """
        return {
            "video": {
                "facingMode": {"ideal": self.facing},
                "width": {"ideal": 640},
                "height": {"ideal": 480},
                "frameRate": {"ideal": 30, "max": 30},
            },
            "audio": self.sound,
        }
