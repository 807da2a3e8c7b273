"""Presence calibrated on backgrounds: 0.5 is where hardly any of them passes."""

from __future__ import annotations

import keras
import numpy as np

from realtime.core.faces import F32
from realtime.landmark.facestream_mesh import POINTS

PASSING = 0.005  # share of backgrounds that pass, which is MediaPipe's own on wider_val


def calibrate_presence(model: keras.Model, crops: F32, truth: F32) -> float:
    """Shift the bias of presence, so that `PASSING` of the backgrounds are above 0.5.

    Args:
        model: a network of `training.mesh.network.build`; changed.
        crops: (n, side, side, 3) held-out crops.
        truth: (n, columns), see `training.mesh.loss`.

    Returns:
        What was taken off the logit; 0 where there is no background.
    """
    backgrounds = crops[truth[:, -2] == 0]
    if len(backgrounds) == 0:
        return 0.0
    logits = model.predict(backgrounds, batch_size=64, verbose=0)[:, POINTS]
    shift = float(np.quantile(logits, 1 - PASSING))
    layer = model.get_layer("presence")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, bias - np.float32(shift)])
    return shift
