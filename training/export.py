"""Export to LiteRT and the model's card. The only file here that needs TensorFlow."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import re
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models import CARD, LABELS, NETWORK
from realtime.inference.litert import LiteRTModel

RUNS = 400


def to_litert(
    model: keras.Model,
    path: Path,
    *,
    half: bool = True,
    int8: bool = False,
    examples: NDArray[np.float32] | None = None,
) -> None:
    """Write a float32 Keras model as a LiteRT file.

    Args:
        model: the network; its input's first axis may have any size.
        path: where to write.
        half: store weights as float16, which halves the file; sums stay float32.
        int8: store weights as int8 instead. Without `examples`, activations are rounded while it
            runs, each time to the range that they have; where the network fake-quantises, they
            have the ranges given there.
        examples: crops (n, side, side, c) that fix the ranges of int8 activations. Input and output
            stay float32.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError("Export needs KERAS_BACKEND=tensorflow: resume the run with it.")
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if half or int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if half and not int8:
        converter.target_spec.supported_types = [tf.float16]
    if int8 and examples is not None:
        converter.representative_dataset = lambda: ([crop[None]] for crop in examples)
    # The converter lists every variable, and wonders at int8 without examples.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Statistics for quantized inputs")
        data = converter.convert()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@dataclass(frozen=True, slots=True)
class Speed:
    """Median milliseconds a face, one thread, in batches of 1 and of 8, on a named CPU."""

    batch_1_ms: float
    batch_8_ms: float
    cpu: str

    def table(self) -> dict[str, Any]:
        """As a card writes it."""
        return {
            "cpu": self.cpu,
            "threads": 1,
            "runs": RUNS,
            "milliseconds_per_face_batch_1": round(self.batch_1_ms, 3),
            "milliseconds_per_face_batch_8": round(self.batch_8_ms, 3),
        }


def measure(path: Path) -> Speed:
    """Time a LiteRT file on this machine."""
    network = LiteRTModel(path)
    medians = []
    for batch in (1, 8):
        crops = np.random.default_rng(0).integers(0, 256, (batch, *network.input_shape))
        faces = crops.astype(np.float32)
        for _ in range(50):
            network(faces)
        times = []
        for _ in range(RUNS):
            start = time.perf_counter_ns()
            network(faces)
            times.append((time.perf_counter_ns() - start) / 1e6 / batch)
        medians.append(float(np.median(times)))
    return Speed(medians[0], medians[1], cpu_name())


def cpu_name() -> str:
    """The CPU's name and how many of its cores this process may use."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        name = next((s.split(":", 1)[1].strip() for s in lines if s.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores"


def write_folder(
    folder: Path,
    network: Path,
    labels: Sequence[str],
    card: Mapping[str, Any],
    *,
    file: str = NETWORK,
) -> None:
    """Write a model's folder: network, labels and card, to which hash and size are added."""
    folder.mkdir(parents=True, exist_ok=True)
    data = network.read_bytes()
    (folder / file).write_bytes(data)
    (folder / LABELS).write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    facts = {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    head = {k: v for k, v in card.items() if not isinstance(v, Mapping)}
    tables = {k: v for k, v in card.items() if isinstance(v, Mapping)}
    (folder / CARD).write_text(toml({**head, **facts, **tables}), encoding="utf-8")


def toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """A nested mapping of strings, numbers, booleans and lists as TOML text."""
    lines = [f"{_key(k)} = {_value(v)}" for k, v in table.items() if not _is_table(v)]
    text = "".join(f"{line}\n" for line in lines)
    for key, value in table.items():
        if _is_table(value):
            body = toml(value, f"{prefix}{_key(key)}.")
            text += f"\n[{prefix}{_key(key)}]\n{body}" if _has_values(value) else body
    return text


def _key(text: str) -> str:
    """A key as TOML takes it, in quotes where it is more than letters, digits, _ and -."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text)


def _is_table(value: Any) -> bool:
    """Small tables of plain numbers are written in line, larger ones as sections."""
    if not isinstance(value, Mapping):
        return False
    return any(isinstance(v, Mapping) for v in value.values()) or len(value) > 4


def _has_values(table: Mapping[str, Any]) -> bool:
    return any(not _is_table(v) for v in table.values())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        items = [_value(v) for v in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) < 90 else "[\n" + "".join(f"  {i},\n" for i in items) + "]"
    return json.dumps(str(value), ensure_ascii=False)
