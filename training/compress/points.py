"""The ways of compressing that are compared; each writes one LiteRT file from a trained network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.calibration import fit_temperature
from training.compress.faces import Faces
from training.compress.fold import folded
from training.compress.int8 import export_fake_quantised, tensor_types
from training.compress.prune import Pruner, zero_share
from training.compress.quantise import fake_quantised
from training.compress.slim import slim_spec, slimmed
from training.compress.tune import tune
from training.evaluate import predict
from training.export import to_litert
from training.networks import build
from training.report import write_json
from training.steps import rescale
from training.teachers import load_weights

# Learning rates as shares of the run's own: the more is changed, the more there is to learn anew.
QUANTISED_RATE, PRUNED_RATE, SLIM_RATE = 0.05, 0.25, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What is compressed.

    Attributes:
        run: the run folder.
        config: its settings.
        calibrated: its network as it would ship.
        faces: what is learned from and chosen by.
        epochs: how long each changed network is tuned.
    """

    run: Path
    config: Any
    calibrated: keras.Model
    faces: Faces
    epochs: int

    def network(self) -> keras.Model:
        """The run's network before calibration, to be changed."""
        model = build(self.config.network)
        load_weights(model, self.run)
        return model

    def tune(self, model: keras.Model, folder: Path, rate: float, **more: Any) -> None:
        """Fine-tune at a share of the run's learning rate."""
        fit = self.config.fit
        tune(
            model,
            lambda epoch: self.faces.batches(first_epoch=epoch),
            folder,
            epochs=self.epochs,
            rate=fit.rate * rate,
            smoothing=fit.smoothing,
            **more,
        )

    def calibrate(self, model: keras.Model) -> keras.Model:
        """Put the settings' offset and a new temperature into a tuned network's last layer."""
        held = self.faces.held
        rescale(model, self.config.offset, 1.0)
        prob: F32 = model.predict(held.crops.astype(np.float32), batch_size=256, verbose=0)
        rescale(model, (), fit_temperature(prob, held.truth))
        return model


Facts = dict[str, Any]
# (what is compressed, the file to write, a folder for what is to be resumed) -> what is to be told
Maker = Callable[[Source, Path, Path], Facts]


def _float(source: Source, path: Path, work: Path, *, half: bool) -> Facts:
    to_litert(source.calibrated, path, half=half)
    return {}


def _int8_dynamic(source: Source, path: Path, work: Path) -> Facts:
    to_litert(source.calibrated, path, int8=True)
    return {}


def _int8_static(source: Source, path: Path, work: Path) -> Facts:
    to_litert(source.calibrated, path, int8=True, examples=source.faces.examples())
    return {}


def _int8_trained(source: Source, path: Path, work: Path) -> Facts:
    model = fake_quantised(folded(source.network()), source.faces.examples())
    source.tune(model, work, QUANTISED_RATE)
    source.calibrate(model)
    export_fake_quantised(model, path)
    crops = source.faces.held.crops
    meant: F32 = model.predict(crops.astype(np.float32), batch_size=256, verbose=0)
    given = predict(LiteRTModel(path), crops)
    same = meant.argmax(axis=1) == given.argmax(axis=1)
    return {"answers_as_fake_quantised": round(float(np.mean(same)), 4)}


def _pruned(source: Source, path: Path, work: Path, *, share: float) -> Facts:
    model = source.network()
    steps = source.epochs * len(source.faces.batches())
    source.tune(model, work, PRUNED_RATE, callbacks=[Pruner(share, steps)])
    to_litert(source.calibrate(model), path)
    return {"zeros": round(zero_share(model), 4)}


def _slim(source: Source, path: Path, work: Path, *, share: float) -> Facts:
    spec = slim_spec(source.config.network, share)
    model = slimmed(source.network(), spec)
    source.tune(model, work, SLIM_RATE)
    to_litert(source.calibrate(model), path)
    return {"widths": list(spec.widths)}


POINTS: dict[str, Maker] = {
    "float32": lambda *given: _float(*given, half=False),
    "float16": lambda *given: _float(*given, half=True),
    "int8-dynamic": _int8_dynamic,
    "int8-static": _int8_static,
    "int8-trained": _int8_trained,
    "pruned-50": lambda *given: _pruned(*given, share=0.5),
    "pruned-80": lambda *given: _pruned(*given, share=0.8),
    "slim-75": lambda *given: _slim(*given, share=0.75),
    "slim-50": lambda *given: _slim(*given, share=0.5),
}


def make(name: str, source: Source, out: Path) -> Path:
    """Write OUT/NAME.tflite and, with what is to be told of it, OUT/NAME.json, unless both exist.

    Returns:
        The network's path.
    """
    path, told = out / f"{name}.tflite", out / f"{name}.json"
    if path.is_file() and told.is_file():
        return path
    print(f"{name} …", flush=True)
    start = time.monotonic()
    facts = POINTS[name](source, path, out / "work" / name)
    facts |= {"tensors": tensor_types(path), "seconds": round(time.monotonic() - start, 1)}
    write_json(told, facts)
    return path
