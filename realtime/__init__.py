"""Real-time face analysis on a plain CPU: boxes, mesh, mask, emotion and more.

The names below are the public API; each is imported at its first use, so that importing this
package takes no time.

Example:
    >>> import numpy as np
    >>> import realtime
    >>> picture = np.zeros((240, 320, 3), np.uint8)
    >>> result = realtime.analyze_photo(realtime.Networks(), picture)
    >>> result.faces.to_records()
    []
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime.core.answers import Answers
    from realtime.core.errors import FaceStreamError
    from realtime.core.faces import Faces, FrameResult
    from realtime.core.landmarks import Landmarks
    from realtime.core.settings import AnalysisSettings, DrawSettings
    from realtime.engine.networks import Networks
    from realtime.engine.photo import analyze_photo
    from realtime.engine.pipeline import Pipeline
    from realtime.media.pictures import read_picture
    from realtime.render.draw import draw_result
    from realtime.video.analyze import analyze_video

__all__ = [
    "AnalysisSettings",
    "Answers",
    "DrawSettings",
    "FaceStreamError",
    "Faces",
    "FrameResult",
    "Landmarks",
    "Networks",
    "Pipeline",
    "analyze_photo",
    "analyze_video",
    "draw_result",
    "read_picture",
]

_MODULES = {
    "AnalysisSettings": "core.settings",
    "Answers": "core.answers",
    "DrawSettings": "core.settings",
    "FaceStreamError": "core.errors",
    "Faces": "core.faces",
    "FrameResult": "core.faces",
    "Landmarks": "core.landmarks",
    "Networks": "engine.networks",
    "Pipeline": "engine.pipeline",
    "analyze_photo": "engine.photo",
    "analyze_video": "video.analyze",
    "draw_result": "render.draw",
    "read_picture": "media.pictures",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
