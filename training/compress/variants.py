"""The compressed variants that are compared, each one LiteRT file made from a trained network."""

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
from training.calibrated import calibrate
from training.compress.faces import RunFaces
from training.compress.fold import fold_batch_norm
from training.compress.int8 import export_fake_quantised, tensor_types
from training.compress.prune import Pruner, sparsity
from training.compress.quantise import fake_quantise
from training.compress.slim import narrow_spec, prune_channels
from training.compress.tune import tune
from training.evaluate import predict
from training.export import to_litert
from training.networks import build
from training.report import write_json
from training.teachers import load_weights

# Learning rates relative to the run's: larger changes need more retraining.
QUANTISED_RATE, PRUNED_RATE, SLIM_RATE = 0.05, 0.25, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The trained network to compress.

    Attributes:
        run: the run folder.
        config: the run's settings.
        calibrated: the run's network, calibrated as for shipping.
        faces: faces for fine-tuning, calibration and evaluation.
        epochs: epochs of fine-tuning.
    """

    run: Path
    config: Any
    calibrated: keras.Model
    faces: RunFaces
    epochs: int

    def network(self) -> keras.Model:
        """A new copy of the run's network before calibration."""
        model = build(self.config.network)
        load_weights(model, self.run)
        return model

    def tune(self, model: keras.Model, folder: Path, rate: float, **options: Any) -> None:
        """Fine-tune at `rate` times the run's learning rate."""
        fit = self.config.fit
        tune(
            model,
            lambda epoch: self.faces.batches(first_epoch=epoch),
            folder,
            epochs=self.epochs,
            rate=fit.rate * rate,
            smoothing=fit.smoothing,
            **options,
        )

    def calibrate(self, model: keras.Model) -> keras.Model:
        """Fold newly fitted corrections into the last layer."""
        calibrate(model, self.faces.held)
        return model


Facts = dict[str, Any]
# (source, file to write, folder for resumable state) -> facts for the report
Builder = Callable[[Source, Path, Path], Facts]


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
    model = fake_quantise(fold_batch_norm(source.network()), source.faces.examples())
    source.tune(model, work, QUANTISED_RATE)
    source.calibrate(model)
    export_fake_quantised(model, path)
    crops = source.faces.held.crops
    expected: F32 = model.predict(crops.astype(np.float32), batch_size=256, verbose=0)
    exported = predict(LiteRTModel(path), crops)
    same = expected.argmax(axis=1) == exported.argmax(axis=1)
    return {"answers_as_fake_quantised": round(float(np.mean(same)), 4)}


def _pruned(source: Source, path: Path, work: Path, *, share: float) -> Facts:
    model = source.network()
    steps = source.epochs * len(source.faces.batches())
    source.tune(model, work, PRUNED_RATE, callbacks=[Pruner(share, steps)])
    to_litert(source.calibrate(model), path)
    return {"zeros": round(sparsity(model), 4)}


def _slim(source: Source, path: Path, work: Path, *, share: float) -> Facts:
    spec = narrow_spec(source.config.network, share)
    model = prune_channels(source.network(), spec)
    source.tune(model, work, SLIM_RATE)
    to_litert(source.calibrate(model), path)
    return {"widths": list(spec.widths)}


VARIANTS: dict[str, Builder] = {
    "float32": lambda *args: _float(*args, half=False),
    "float16": lambda *args: _float(*args, half=True),
    "int8-dynamic": _int8_dynamic,
    "int8-static": _int8_static,
    "int8-trained": _int8_trained,
    "pruned-50": lambda *args: _pruned(*args, share=0.5),
    "pruned-80": lambda *args: _pruned(*args, share=0.8),
    "slim-75": lambda *args: _slim(*args, share=0.75),
    "slim-50": lambda *args: _slim(*args, share=0.5),
}


def build_variant(name: str, source: Source, out: Path) -> Path:
    """Write OUT/NAME.tflite and its facts, OUT/NAME.json, unless both exist.

    Args:
        name: one of `VARIANTS`.
        source: the network to compress.
        out: the output folder.

    Returns:
        Path of the LiteRT file.
    """
    path, facts_path = out / f"{name}.tflite", out / f"{name}.json"
    if path.is_file() and facts_path.is_file():
        return path
    print(f"{name} …", flush=True)
    start = time.monotonic()
    facts = VARIANTS[name](source, path, out / "work" / name)
    facts |= {"tensors": tensor_types(path), "seconds": round(time.monotonic() - start, 1)}
    write_json(facts_path, facts)
    return path
