"""Export: LiteRT conversion, timing, and the folder of a shipped model with its card.

Only `to_litert` needs TensorFlow, and Keras with its TensorFlow backend.
"""

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

RUNS, WARM_UP_RUNS = 400, 50


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
        model: the network; its batch axis may be of any size.
        path: file to write; missing folders are created.
        half: store weights as float16, half the size; computation stays float32. Ignored with
            `int8`.
        int8: store weights as int8, with one scale per output channel. Without `examples`,
            activations are quantised at run time (dynamic range quantisation), or with the fixed
            ranges of TensorFlow's fake quantisation operations, if the network contains them.
        examples: crops (n, side, side, c) float32 to calibrate fixed activation ranges with (full
            integer quantisation). Input and output stay float32.

    Raises:
        RuntimeError: Keras runs on another backend than TensorFlow.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            "Export needs the TensorFlow backend: set KERAS_BACKEND=tensorflow and resume the run."
        )
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if half or int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if half and not int8:
        converter.target_spec.supported_types = [tf.float16]
    if int8 and examples is not None:
        converter.representative_dataset = lambda: ([crop[None]] for crop in examples)
    # The converter prints every variable, and warns about int8 inputs without statistics.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Statistics for quantized inputs")
        data = converter.convert()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@dataclass(frozen=True, slots=True)
class Speed:
    """Median milliseconds per face in batches of 1 and of 8, with one thread on `cpu`."""

    batch_1_ms: float
    batch_8_ms: float
    cpu: str

    def table(self) -> dict[str, Any]:
        """The model card's `[speed]` table."""
        return {
            "cpu": self.cpu,
            "threads": 1,
            "runs": RUNS,
            "milliseconds_per_face_batch_1": round(self.batch_1_ms, 3),
            "milliseconds_per_face_batch_8": round(self.batch_8_ms, 3),
        }


def measure(path: Path) -> Speed:
    """Time a LiteRT classifier on this machine with random crops, after a warm-up."""
    network = LiteRTModel(path)
    medians = []
    for batch in (1, 8):
        crops = np.random.default_rng(0).integers(0, 256, (batch, *network.input_shape))
        faces = crops.astype(np.float32)
        for _ in range(WARM_UP_RUNS):
            network(faces)
        times = []
        for _ in range(RUNS):
            start = time.perf_counter_ns()
            network(faces)
            times.append((time.perf_counter_ns() - start) / 1e6 / batch)
        medians.append(float(np.median(times)))
    return Speed(medians[0], medians[1], cpu_name())


def cpu_name() -> str:
    """The CPU's model name and the number of logical cores of the machine."""
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
    """Write a model's folder: model file, `labels.txt` and `card.toml`.

    Args:
        folder: folder to write; existing files are replaced.
        network: the model file to copy.
        labels: classes in the order of the probabilities.
        card: the card; `size_bytes` and `sha256` of the model file are added.
        file: name of the model file in the folder: `models.NETWORK` or another format's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = network.read_bytes()
    (folder / file).write_bytes(data)
    (folder / LABELS).write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    facts = {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    head = {k: v for k, v in card.items() if not isinstance(v, Mapping)}
    tables = {k: v for k, v in card.items() if isinstance(v, Mapping)}
    (folder / CARD).write_text(toml({**head, **facts, **tables}), encoding="utf-8")


def toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """Format nested mappings of strings, numbers, booleans and lists as TOML.

    Args:
        table: what to format; values of other types are written as strings.
        prefix: dotted name of the enclosing table, with a trailing dot.
    """
    lines = [f"{_key(k)} = {_value(v)}" for k, v in table.items() if not _is_table(v)]
    text = "".join(f"{line}\n" for line in lines)
    for key, value in table.items():
        if _is_table(value):
            body = toml(value, f"{prefix}{_key(key)}.")
            text += f"\n[{prefix}{_key(key)}]\n{body}" if _has_values(value) else body
    return text


def _key(text: str) -> str:
    """A TOML key, quoted unless it is a bare key."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text)


def _is_table(value: Any) -> bool:
    """Whether to write a value as a section: a nested mapping, or one of more than 4 values.

    Smaller mappings become inline tables.
    """
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
