"""What the browser is asked for when a stream starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Facing = Literal["user", "environment"]


@dataclass(frozen=True, slots=True)
class Capture:
    """Chosen before Start: a running stream keeps its own.

    Attributes:
        facing: "user" for the camera that looks at the viewer, "environment" for a phone's back
            one; a device with one camera gives that in any case.
        sound: whether the microphone is asked for too.
    """

    facing: Facing = "user"
    sound: bool = False

    def constraints(self) -> dict[str, Any]:
        """As `getUserMedia` takes them.

        30 frames a second, though fewer would do: the receiver holds each until the next begins.
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
