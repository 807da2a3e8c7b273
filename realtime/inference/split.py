"""Splits a .tflite network into parts that run one after another.

LiteRT runs a network whole. A stream that cannot spare that time in one frame runs a part of it in
each of several: the outputs are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a network.

    Attributes:
        content: the part as a .tflite file.
        inputs: indices of the tensors it reads; the same in all parts and in the whole network.
        outputs: indices of the tensors it makes that later parts read, or that are the result.
    """

    content: bytes
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitNetwork:
    """A network in parts.

    Attributes:
        parts: in the order in which they run.
        input: index of the tensor that holds the network's input.
        outputs: indices of the tensors that hold its outputs, in the network's order.
    """

    parts: tuple[Part, ...]
    input: int
    outputs: tuple[int, ...]


def split_network(path: Path, parts: int) -> SplitNetwork:
    """Split a network with one input into parts that take about the same time.

    Args:
        path: the .tflite file.
        parts: how many; a network of few convolutions may give fewer.

    Raises:
        FileNotFoundError: the file does not exist.
    """
    content = path.read_bytes()
    graph = _parse(content).subgraphs[0]
    operators = graph.operators
    cuts = _cuts([*accumulate(_costs(graph))], parts)
    made = set(_indices(op.outputs for op in operators)) | set(graph.inputs.tolist())
    results = tuple(graph.outputs.tolist())
    pieces = []
    for start, end in pairwise((0, *cuts, len(operators))):
        read = set(_indices(op.inputs for op in operators[start:end]))
        own = set(_indices(op.outputs for op in operators[start:end]))
        later = set(_indices(op.inputs for op in operators[end:])) | set(results)
        inputs, outputs = tuple(sorted(read & made - own)), tuple(sorted(own & later))
        packed = _pack(content, slice(start, end), inputs, outputs)
        pieces.append(Part(content=packed, inputs=inputs, outputs=outputs))
    return SplitNetwork(parts=tuple(pieces), input=int(graph.inputs[0]), outputs=results)


def _costs(graph: Any) -> list[float]:
    """Multiplications of each operator per pixel of the input; 0 for all but convolutions."""
    from ai_edge_litert import schema_py_generated as schema

    density = dict.fromkeys(graph.inputs.tolist(), 1.0)  # of a tensor: its pixels per input pixel
    costs = []
    for op in graph.operators:
        inputs, cost = op.inputs.tolist(), 0.0
        scale = max((density.get(i, 0.0) for i in inputs), default=0.0)
        if isinstance(op.builtinOptions, schema.Conv2DOptionsT):
            scale /= op.builtinOptions.strideH * op.builtinOptions.strideW
            cost = scale * float(np.prod(graph.tensors[inputs[1]].shape))
        density |= dict.fromkeys(op.outputs.tolist(), scale)
        costs.append(cost)
    return costs


def _cuts(spent: list[float], parts: int) -> list[int]:
    """After how many operators each part but the last ends, given the costs up to each."""
    shares = [spent[-1] * n / parts for n in range(1, parts)]
    # Of the operators that cost nothing, those that follow a convolution go with it.
    nearest = [min(range(len(spent)), key=lambda k: (abs(spent[k] - s), -k)) + 1 for s in shares]
    return sorted({cut for cut in nearest if cut < len(spent)})


def _pack(content: bytes, kept: slice, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> bytes:
    """The network with only some of its operators, and only the weights that these read."""
    from ai_edge_litert import schema_py_generated as schema

    model = _parse(content)
    graph = model.subgraphs[0]
    graph.operators = graph.operators[kept]
    graph.inputs, graph.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
    read = set(_indices(op.inputs for op in graph.operators))
    for i, tensor in enumerate(graph.tensors):
        if i not in read:
            tensor.buffer = 0
    used = {tensor.buffer for tensor in graph.tensors}
    for i, buffer in enumerate(model.buffers):
        if i not in used:
            buffer.data = None
    model.signatureDefs = model.metadata = None  # they name tensors of the whole network
    builder = schema.flatbuffers.Builder(len(content))  # the package that LiteRT reads it with
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _parse(content: bytes) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(content, 0)


def _indices(arrays: Iterable[Any]) -> list[int]:
    return [int(i) for array in arrays for i in array]
