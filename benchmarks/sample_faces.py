"""Photos of two people from packages that ship them, so that nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from realtime.core.faces import Frame


def sample_photos() -> tuple[Frame, Frame]:
    """Load scikit-image's astronaut and Matplotlib's portrait of Grace Hopper.

    Returns:
        Both photos, (h, w, 3) uint8 BGR.

    Raises:
        RuntimeError: A package that ships one of them is not installed.
    """
    try:
        from matplotlib import cbook
        from skimage import data
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "The sample faces need two packages: pip install matplotlib scikit-image."
        ) from error

    load: Callable[[], Any] = data.astronaut
    astronaut = cv2.cvtColor(load(), cv2.COLOR_RGB2BGR)
    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    hopper = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return np.asarray(astronaut, np.uint8), np.asarray(hopper, np.uint8)
