"""LiteRT networks with interpreters that stay allocated, for use across threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

MAX_CACHED_SHAPES = 4
MIN_PER_THREAD = 4  # inputs, from which threads run inputs of their own


class LiteRTModel:
    """Runs a .tflite file on any number of inputs, from any thread.

    Inputs run one by one: batches are not faster on a CPU, and the larger ones do not fit its
    cache. With several threads, many inputs are dealt out among them: that takes 0.7 times as long
    as sharing each among all threads. Few inputs are shared: the threads would wait for the last.

    An interpreter is not thread-safe: the model runs under a lock.

    Args:
        path: the .tflite file.
        threads: threads that may run at once.

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
        self._shared = _Interpreter(path, 1, threads)
        self._own = [self._shared] if threads == 1 else []  # one per thread
        self._pool: ThreadPoolExecutor | None = None
        self.input_shape: tuple[int, ...] = self._shared.input_shape[1:]

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
        return self.run_each(len(batch), lambda i: batch[i : i + 1])

    def run_each(self, n: int, make_input: Callable[[int], F32]) -> list[F32]:
        """Run the network on inputs that are made just before, in the thread that runs them.

        Args:
            n: number of inputs.
            make_input: returns input i, (1, *input_shape) float32; called from several threads
                where the model has them.

        Returns:
            As `__call__`.
        """
        with self._lock:
            if n == 0:
                return [np.zeros((0, *s[1:]), np.float32) for s in self._shared.outputs]
            if self._threads == 1 or n < MIN_PER_THREAD * self._threads:
                rows = [self._shared.run(make_input(i)) for i in range(n)]
            else:
                rows = self._run_parallel(n, make_input)
        if n == 1:
            return rows[0]
        return [np.concatenate(parts) for parts in zip(*rows, strict=True)]

    def warm_up(self, faces: int = 1) -> None:
        """Create and run the interpreters needed for up to `faces` inputs."""
        for n in {1, faces}:
            self(np.zeros((n, *self.input_shape), np.float32))

    def _run_parallel(self, n: int, make_input: Callable[[int], F32]) -> list[list[F32]]:
        if self._pool is None:
            self._own = [_Interpreter(self._path, 1, 1) for _ in range(self._threads)]
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=self._path.stem)
        waiting, rows = SimpleQueue[int](), dict[int, list[F32]]()
        for i in range(n):
            waiting.put(i)

        def work(interpreter: _Interpreter) -> None:
            while True:
                try:
                    i = waiting.get_nowait()
                except Empty:
                    return
                rows[i] = interpreter.run(make_input(i))

        jobs = [self._pool.submit(work, interpreter) for interpreter in self._own]
        wait(jobs)  # all of them, even if one fails: the next call needs their interpreters
        for job in jobs:
            job.result()
        return [rows[i] for i in range(n)]


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
