"""The network of a finished run with its calibration folded into the last layer.

The exported network then needs no post-processing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from realtime.core.faces import F32
from training.calibration import fit_temperature
from training.certainty import ValidationFaces
from training.networks import build
from training.prior_shift import PriorShift
from training.task import TaskConfig
from training.teachers import load_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was fitted on the validation faces.

    Attributes:
        temperature: what the logits are divided by.
        shift: correction for the class frequencies; None for none.
    """

    temperature: float
    shift: PriorShift | None

    def table(self, labels: Sequence[str]) -> dict[str, Any]:
        """For the model card's `[training]` table."""
        row: dict[str, Any] = {"temperature": round(self.temperature, 4)}
        if self.shift is not None:
            shares = zip(labels, self.shift.share, strict=True)
            text = ", ".join(f"{label} {share:.3f}" for label, share in shares)
            row |= {"prior_power": self.shift.power, "prior": text}
        return row


def calibrated(
    folder: Path, config: TaskConfig, validation: ValidationFaces
) -> tuple[keras.Model, Calibration]:
    """The best network of a run in float32, calibrated on the validation faces."""
    model = build(config.network)
    load_weights(model, folder)
    return model, calibrate(model, validation)


def calibrate(model: keras.Model, validation: ValidationFaces) -> Calibration:
    """Fold prior shift and temperature into the last layer, in place."""
    prob: F32 = model.predict(validation.crops.astype(np.float32), batch_size=256, verbose=0)
    shift = None
    if validation.prior is not None:
        shift = validation.prior.shift_for(prob, validation.truth, validation.source)
        rescale(model, shift.offset().tolist(), 1.0)
        prob = shift(prob)
    temperature = fit_temperature(prob, validation.truth)
    rescale(model, (), temperature)
    return Calibration(temperature=temperature, shift=shift)


def rescale(model: keras.Model, offset: Sequence[float], temperature: float) -> None:
    """Add `offset` to the logits, then divide them by `temperature`, in the last dense layer."""
    dense = model.layers[-2]
    kernel, bias = (np.array(w) for w in dense.get_weights())
    if len(offset):
        bias = bias + np.array(offset, np.float32)
    dense.set_weights([kernel / temperature, bias / temperature])
