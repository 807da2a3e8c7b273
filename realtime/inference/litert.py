"""A LiteRT network with interpreters kept allocated for a few fixed batch sizes."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

# Any number of faces is a sum of these; each keeps its own allocated interpreter once used.
BATCH_SIZES = (8, 4, 2, 1)
KEPT_SIZES = 4


class LiteRTModel:
    """Runs a .tflite file on batches of any length.

    An interpreter is not safe across threads, and resizing one for every frame costs more than
    running it. So the model holds one interpreter a batch size and a lock around their use.

    Args:
        path: the .tflite file.
        threads: threads an interpreter may use.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a LiteRT network.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._path = path
        self._threads = threads
        self._lock = threading.Lock()
        self._interpreters: dict[int, _Interpreter] = {}
        self.input_shape: tuple[int, ...] = self._interpreter(1).input_shape[1:]

    def __call__(self, batch: F32) -> list[F32]:
        """Run the network.

        Args:
            batch: (n, *input_shape) float32, n may be 0.

        Returns:
            One array an output of the network, in its own order, each with n rows.

        Raises:
            ValueError: `batch` does not have the network's input shape.
        """
        if batch.shape[1:] != self.input_shape:
            raise ValueError(
                f"{self._path.name} takes (n, {', '.join(map(str, self.input_shape))}), "
                f"got {batch.shape}"
            )
        with self._lock:
            if len(batch) == 0:
                return [np.zeros((0, *s[1:]), np.float32) for s in self._interpreter(1).outputs]
            chunks, start = [], 0
            for size in split_batch(len(batch)):
                chunks.append(self._interpreter(size).run(batch[start : start + size]))
                start += size
        if len(chunks) == 1:
            return chunks[0]
        return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]

    def warm_up(self, faces: int = 1) -> None:
        """Allocate and run the interpreters that a frame with up to `faces` faces needs."""
        sizes = {size for n in range(1, faces + 1) for size in split_batch(n)}
        for size in sizes:
            self(np.zeros((size, *self.input_shape), np.float32))

    def _interpreter(self, size: int) -> _Interpreter:
        if size not in self._interpreters:
            self._interpreters[size] = _Interpreter(self._path, size, self._threads)
        return self._interpreters[size]


class SizedLiteRTModel:
    """Runs a .tflite file whose pictures may have any size, one at a time.

    Interpreters stay allocated for the sizes used last: a stream has one size, photos have many.

    Args:
        path: the .tflite file; its first input is (n, h, w, c) with h and w left open.
        threads: threads an interpreter may use.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a LiteRT network.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        _check(path)
        self._path, self._threads = path, threads
        self._lock = threading.Lock()
        self._interpreters: dict[tuple[int, ...], _Interpreter] = {}

    def __call__(self, pictures: F32) -> list[F32]:
        """The network's outputs, in its own order, for (n, h, w, c) float32."""
        with self._lock:
            # Taken out and put back, so that the one used longest ago comes first.
            interpreter = self._interpreters.pop(pictures.shape, None)
            if interpreter is None:
                interpreter = _Interpreter(self._path, pictures.shape, self._threads)
            self._interpreters[pictures.shape] = interpreter
            if len(self._interpreters) > KEPT_SIZES:
                del self._interpreters[next(iter(self._interpreters))]
            return interpreter.run(pictures)


def _check(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"The network {path} is missing.")


class _Interpreter:
    """One allocated interpreter for one batch size, or for inputs of one shape."""

    def __init__(self, path: Path, size: int | tuple[int, ...], threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        _check(path)
        try:
            self._interpreter = Interpreter(str(path), num_threads=threads)
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"{path} is not a LiteRT network: {error}") from error
        details = self._interpreter.get_input_details()[0]
        self._input = details["index"]
        shape = size if isinstance(size, tuple) else (size, *map(int, details["shape"][1:]))
        self.input_shape: tuple[int, ...] = shape
        self._interpreter.resize_tensor_input(self._input, self.input_shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, np.zeros(self.input_shape, np.float32))
        self._interpreter.invoke()  # output shapes are known only after the first run
        self._outputs = [d["index"] for d in self._interpreter.get_output_details()]
        self.outputs = [tuple(self._interpreter.get_tensor(i).shape) for i in self._outputs]

    def run(self, batch: NDArray[np.float32]) -> list[F32]:
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(i) for i in self._outputs]


def split_batch(n: int) -> list[int]:
    """Sizes from `BATCH_SIZES` that add up to n, largest first: 7 gives [4, 2, 1]."""
    sizes = []
    for size in BATCH_SIZES:
        count, n = divmod(n, size)
        sizes += [size] * count
    return sizes
