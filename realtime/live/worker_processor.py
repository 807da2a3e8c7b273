"""Processes a stream's frames in a worker process."""

from __future__ import annotations

import itertools
import logging
from contextlib import suppress

import numpy as np

from realtime.core.faces import FrameResult
from realtime.engine.engine import Seat
from realtime.live.frame_processor import (
    FrameJob,
    ProcessedFrame,
    ProcessorState,
    StreamSettings,
    failed_frame,
)
from realtime.live.frame_slot import FRAME, FrameSlot
from realtime.live.worker_client import WorkerClient, WorkerLostError
from realtime.live.worker_messages import Sent, Shared, WorkerFrame
from realtime.live.worker_pool import WorkerPool
from realtime.media.pixels import Pixels

LOGGER = logging.getLogger(__name__)
_numbers = itertools.count()


class WorkerProcessor(ProcessorState):
    """Implements `realtime.live.frame_processor.Processor`.

    The stream's tracks live in the worker of its lane. If the lane changes, they move to another
    worker; if the worker ends, the stream goes on in its successor with new tracks.

    Args:
        seat: the stream's place in the engine.
        workers: the processes.
    """

    def __init__(self, seat: Seat, workers: WorkerPool) -> None:
        super().__init__()
        self._seat = seat
        self._workers = workers
        self._number = next(_numbers)
        self._worker: WorkerClient | None = None
        self._loaded = True  # unless the worker says otherwise
        self._slot: FrameSlot | None = None
        self._last_track_id = 0

    def prepare(self, settings: StreamSettings) -> None:
        """Load the networks; see `Processor.prepare`."""
        try:
            self._current_worker(settings)
        except Exception as error:
            LOGGER.exception("The worker process could not load the networks")
            self.record_not_loaded(error)

    def process(self, pixels: Pixels, job: FrameJob) -> ProcessedFrame:
        """Analyse a frame and draw on a copy of it; see `Processor.process`."""
        if not self._loaded:
            return failed_frame(pixels, job)
        try:
            worker = self._current_worker(job.settings)
            answer = worker.request("process", self._number, self._sent(pixels), job)
        except Exception:
            self.record_fault()
            return failed_frame(pixels, job)
        done: WorkerFrame = answer.value
        self._note(done)
        return ProcessedFrame(
            result=done.result,
            picture=self._received(done.picture),
            changed=self._received(done.changed),
            clean=done.clean,
            cpu_s=answer.cpu_s,
        )

    def close(self) -> None:
        """Leave the worker and give the shared memory up."""
        self._leave()
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.close()

    def _current_worker(self, settings: StreamSettings) -> WorkerClient:
        """The worker of the stream's lane, which knows the stream."""
        worker = self._workers.worker(self._seat.lane)
        if worker is self._worker:
            return worker
        state = self._leave()
        first = self._last_track_id + 1
        problem = worker.request("open", self._number, settings, state, first).value
        self._worker = worker
        if problem is not None:
            self._loaded, self.problem = False, problem
            self.faults += 1
        return worker

    def _leave(self) -> bytes | None:
        """Leave the worker; returns what another one needs, None if it is lost."""
        worker, self._worker = self._worker, None
        if worker is not None and worker.alive:
            with suppress(WorkerLostError):
                state: bytes | None = worker.request("close", self._number).value
                return state
        return None

    def _note(self, done: WorkerFrame) -> None:
        self.result, self.problem = done.result, done.problem
        if done.failed:
            self.faults += 1
            self.faults_in_a_row += 1
        if done.result is not None and len(done.result.faces):
            self._last_track_id = max(self._last_track_id, _last_track_id(done.result))

    def _sent(self, pixels: Pixels) -> Sent:
        """Put a frame where the worker finds it: in shared memory, or else in the request."""
        if self._slot is None or self._slot.size < pixels.nbytes:
            if self._slot is not None:
                self._slot.close()
            try:
                self._slot = FrameSlot(pixels.nbytes)
            except OSError:
                self._slot = None
                return pixels
        slot = self._slot
        slot.write(FRAME, pixels)
        return Shared(slot.name, slot.size, FRAME, pixels.shape)

    def _received(self, sent: Sent | None) -> Pixels | None:
        if isinstance(sent, Shared):
            assert self._slot is not None
            return np.array(self._slot.view(sent.part, sent.shape))
        return sent


def _last_track_id(result: FrameResult) -> int:
    track_id = result.faces.track_id
    return 0 if track_id is None else int(track_id.max())
