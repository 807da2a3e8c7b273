"""The process that analyses the frames of several live streams, one at a time.

It reads requests from stdin and answers on stdout, both pickled by the server itself, and ends when
stdin does. A request is the name of a method of `Worker` and its arguments; the answer is what the
method returned or the exception that it raised. Frames lie in shared memory, a slot per stream.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import resource_tracker
from typing import Any, BinaryIO

import cv2

from realtime.core.memory import return_free_memory
from realtime.core.settings import AnalysisSettings
from realtime.core.threads import name_thread
from realtime.engine.networks import Networks
from realtime.live.frame_processor import FrameJob, FrameProcessor, StreamSettings
from realtime.live.frame_slot import MASK, PICTURE, FrameSlot
from realtime.live.pipeline_analyser import PipelineAnalyser
from realtime.live.worker_messages import Answer, Sent, Shared, WorkerFrame
from realtime.media.pixels import Pixels

PROCESS_NAME = "facestream-work"


class Worker:
    """The streams of one process, on networks that they share."""

    def __init__(self) -> None:
        self._networks: Networks | None = None
        self._streams: dict[int, _Stream] = {}

    def ready(self) -> None:
        """Answer: the process has started."""

    def open(
        self, number: int, settings: StreamSettings, state: bytes | None, first_track_id: int
    ) -> str | None:
        """Add a stream; returns what is wrong with its networks, None if all is well.

        Args:
            number: by which the server names the stream.
            settings: the current settings.
            state: what `close` of another worker returned, if the stream comes from there.
            first_track_id: number of the first face otherwise.
        """
        stream = self._streams[number] = _Stream(self._load, state, first_track_id)
        stream.processor.prepare(settings)
        if stream.processor.problem is not None:
            self.close(number)
        return stream.processor.problem

    def process(self, number: int, frame: Sent, job: FrameJob) -> WorkerFrame:
        """Process a stream's frame."""
        return self._streams[number].process(frame, job)

    def close(self, number: int) -> bytes | None:
        """Remove a stream; returns what another worker needs to go on with it."""
        state = self._streams.pop(number).close() if number in self._streams else None
        if not self._streams:
            self._networks = None
            gc.collect()  # streams, networks and interpreters refer to each other
            return_free_memory()
        return state

    def _load(self) -> Networks:
        if self._networks is None:
            self._networks = Networks()
        return self._networks


class _Stream:
    """One stream: its pipeline and its slot."""

    def __init__(
        self, load: Callable[[], Networks], state: bytes | None, first_track_id: int
    ) -> None:
        self._load = load
        self._state, self._first_track_id = state, first_track_id
        self._analyser: PipelineAnalyser | None = None
        self._slot: FrameSlot | None = None
        self.processor = FrameProcessor(self._make)

    def process(self, frame: Sent, job: FrameJob) -> WorkerFrame:
        if self._analyser is not None:
            self._analyser.interval_s = job.interval_s
        faults = self.processor.faults
        done = self.processor.process(self._received(frame), job)
        return WorkerFrame(
            result=done.result,
            picture=self._sent(done.picture, PICTURE),
            changed=self._sent(done.changed, MASK),
            clean=done.clean,
            problem=self.processor.problem,
            failed=self.processor.faults > faults,
        )

    def close(self) -> bytes | None:
        self._forget_slot()
        return None if self._analyser is None else self._analyser.state()

    def _make(self, settings: AnalysisSettings) -> PipelineAnalyser:
        self._analyser = PipelineAnalyser(
            settings, self._load(), first_track_id=self._first_track_id, state=self._state
        )
        return self._analyser

    def _received(self, frame: Sent) -> Pixels:
        if not isinstance(frame, Shared):
            self._forget_slot()
            return frame
        if self._slot is None or self._slot.name != frame.slot:
            self._forget_slot()
            self._slot = FrameSlot(frame.size, frame.slot)
        return self._slot.view(frame.part, frame.shape)

    def _sent(self, pixels: Pixels | None, part: int) -> Sent | None:
        slot = self._slot
        if pixels is None or slot is None:
            return pixels
        slot.write(part, pixels)
        return Shared(slot.name, slot.size, part, pixels.shape)

    def _forget_slot(self) -> None:
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.close()


def main() -> None:
    """Answer requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    name_thread(PROCESS_NAME)
    cv2.setNumThreads(1)
    # The server removes its shared memory itself; Python 3.13 has `track=False`.
    resource_tracker.register = lambda *_: None
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    serve(Worker(), sys.stdin.buffer, answers)


def serve(worker: Worker, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request after another."""
    while True:
        try:
            method, *arguments = pickle.load(requests)
        except EOFError:
            return
        start_s = time.process_time()
        value: Any
        try:
            value = getattr(worker, method)(*arguments)
        except Exception as error:
            value = error
        answer = Answer(value, time.process_time() - start_s)
        answers.write(_pickled(answer))
        answers.flush()


def _pickled(answer: Answer) -> bytes:
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # an exception of a library that cannot be pickled, for instance
        return pickle.dumps(Answer(RuntimeError(repr(error)), answer.cpu_s))
