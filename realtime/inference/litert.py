"""LiteRT networks that keep one allocated interpreter per input shape, for use across threads."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

BATCH_SIZES = (8, 4, 2, 1)  # larger batches are split into these
MAX_CACHED_SHAPES = 4


class LiteRTModel:
    """Runs a .tflite file on batches of any size, from any thread.

    An interpreter is not thread-safe, and resizing it for every frame takes longer than running
    it. The model therefore keeps one interpreter per size in `BATCH_SIZES`, created on first use,
    and runs them under a lock.

    Args:
        path: the .tflite file.
        threads: threads an interpreter may use.

    Attributes:
        input_shape: shape of one input, without the batch dimension.

    Raises:
        FileNotFoundError: the file does not exist.
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
            batch: (n, *input_shape) float32; n may be 0.

        Returns:
            One array per output, in the network's order, each with n rows.

        Raises:
            ValueError: `batch` does not have the network's input shape.
        """
        if batch.shape[1:] != self.input_shape:
            raise ValueError(
                f"{self._path.name} expects (n, {', '.join(map(str, self.input_shape))}), "
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
        """Create and run the interpreters needed for batches of up to `faces` rows."""
        sizes = {size for n in range(1, faces + 1) for size in split_batch(n)}
        for size in sizes:
            self(np.zeros((size, *self.input_shape), np.float32))

    def _interpreter(self, size: int) -> _Interpreter:
        if size not in self._interpreters:
            self._interpreters[size] = _Interpreter(self._path, size, self._threads)
        return self._interpreters[size]


class DynamicLiteRTModel:
    """Runs a .tflite file on inputs of any height and width, from any thread.

    Interpreters for the `MAX_CACHED_SHAPES` most recent shapes are cached: a stream has one shape,
    photos have many.

    Args:
        path: the .tflite file; its first input is (n, h, w, c) with dynamic h and w.
        threads: threads an interpreter may use.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file is not a LiteRT network.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        _check(path)
        self._path, self._threads = path, threads
        self._lock = threading.Lock()
        self._interpreters: dict[tuple[int, ...], _Interpreter] = {}

    def __call__(self, pictures: F32) -> list[F32]:
        """Run the network on (n, h, w, c) float32; outputs are in the network's order."""
        with self._lock:
            # Removed and reinserted, so that the least recently used shape comes first.
            interpreter = self._interpreters.pop(pictures.shape, None)
            if interpreter is None:
                interpreter = _Interpreter(self._path, pictures.shape, self._threads)
            self._interpreters[pictures.shape] = interpreter
            if len(self._interpreters) > MAX_CACHED_SHAPES:
                del self._interpreters[next(iter(self._interpreters))]
            return interpreter.run(pictures)


def _check(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"Network file not found: {path}.")


class _Interpreter:
    """An interpreter allocated for one batch size or one input shape."""

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
        self._interpreter.invoke()  # dynamic output shapes are known only after a run
        self._outputs = [d["index"] for d in self._interpreter.get_output_details()]
        self.outputs = [tuple(self._interpreter.get_tensor(i).shape) for i in self._outputs]

    def run(self, batch: NDArray[np.float32]) -> list[F32]:
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        return [self._rows(self._interpreter.get_tensor(i)) for i in self._outputs]

    def _rows(self, output: F32) -> F32:
        """The output with one row per input: some networks flatten their batch into one row."""
        n = self.input_shape[0]
        return output if len(output) == n else output.reshape(n, -1)


def split_batch(n: int) -> list[int]:
    """Split n into sizes from `BATCH_SIZES`, largest first: 7 gives [4, 2, 1]."""
    sizes = []
    for size in BATCH_SIZES:
        count, n = divmod(n, size)
        sizes += [size] * count
    return sizes
