"""A LiteRT network that runs part by part, so that a stream can spread its work over frames."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from realtime.core.arrays import F32
from realtime.inference.split import Part, split_network

MAX_CACHED_SHAPES = 2  # streams send pictures of one size


class StepwiseModel:
    """Runs a .tflite file on pictures of any height and width, in steps of about the same time.

    Several runs may be under way at once, from several threads: what one step leaves for the next
    is the run's own.

    Args:
        path: the .tflite file; its input is (n, h, w, c) with dynamic h and w.
        steps: number of steps; a network of few convolutions may need fewer.
        threads: threads an interpreter may use.

    Raises:
        FileNotFoundError: the file does not exist.
    """

    def __init__(self, path: Path, *, steps: int, threads: int = 1) -> None:
        self._split, self._threads = split_network(path, steps), threads
        self._lock = threading.Lock()
        self._interpreters: dict[tuple[int, ...], dict[int, _PartInterpreter]] = {}

    def run(self, pictures: F32) -> Iterator[list[F32] | None]:
        """Run the network on (n, h, w, c) float32.

        Yields:
            None after each step but the last; then the outputs in the network's order.
        """
        split, shape = self._split, pictures.shape
        tensors = {split.input: pictures}
        for k, part in enumerate(split.parts):
            with self._lock:
                tensors |= self._interpreter(shape, k, part, tensors).run(tensors)
            if k + 1 < len(split.parts):
                yield None
        yield [tensors[i] for i in split.outputs]

    def _interpreter(
        self, shape: tuple[int, ...], k: int, part: Part, tensors: dict[int, F32]
    ) -> _PartInterpreter:
        """The interpreter of part k for pictures of that shape; the least recent shape goes."""
        parts = self._interpreters.pop(shape, {})
        self._interpreters[shape] = parts
        if len(self._interpreters) > MAX_CACHED_SHAPES:
            del self._interpreters[next(iter(self._interpreters))]
        if k not in parts:
            parts[k] = _PartInterpreter(part, tensors, self._threads)
        return parts[k]


class _PartInterpreter:
    """One part of a network, allocated for inputs of the shapes in `tensors`."""

    def __init__(self, part: Part, tensors: dict[int, F32], threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._part = part
        self._interpreter = Interpreter(model_content=part.content, num_threads=threads)
        for i in part.inputs:
            self._interpreter.resize_tensor_input(i, tensors[i].shape)
        self._interpreter.allocate_tensors()

    def run(self, tensors: dict[int, F32]) -> dict[int, F32]:
        for i in self._part.inputs:
            self._interpreter.set_tensor(i, tensors[i])
        self._interpreter.invoke()
        return {i: np.asarray(self._interpreter.get_tensor(i)) for i in self._part.outputs}
