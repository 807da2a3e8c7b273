"""The loop of `watch`: newest frame in; results, events and figures out."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, Protocol

import numpy as np

from realtime.core.faces import FrameResult
from realtime.engine.pipeline import Pipeline
from realtime.events.engine import EventEngine
from realtime.events.event import Event, Message, StreamClock, message
from realtime.events.sinks.types import Sink
from realtime.media import limits
from realtime.media.frames import upright
from realtime.output.records import frame_record
from realtime.watch.reader import SourceReader
from realtime.watch.slot import SourceFrame

POLL_S = 0.1
MAX_FAULTS_IN_A_ROW = 150
LATENCIES = 1000
_LOGGER = logging.getLogger(__name__)


class FrameOutput(Protocol):
    """Takes the results of frames without ever waiting."""

    @property
    def wanted(self) -> bool:
        """Whether anyone reads them; otherwise no record is made."""
        ...

    def offer_frame(self, record: dict[str, Any], time_s: float) -> None:
        """Accept a frame's record and the time when the frame arrived."""
        ...

    def offer_event(self, message: Message) -> None:
        """Accept an event."""
        ...


@dataclass(slots=True)
class WatchFigures:
    """Counts of the loop.

    Attributes:
        analysed: frames analysed.
        faults: frames whose analysis failed.
        events: events started and ended.
        latency_s: of the latest frames, from arrival to result.
    """

    analysed: int = 0
    faults: int = 0
    events: int = 0
    latency_s: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def describe(self, reader: SourceReader, seconds: float) -> str:
        """One line about the last so many seconds and the whole run."""
        latency = ""
        if self.latency_s:
            p50, p95 = np.percentile(self.latency_s, [50, 95]) * 1e3
            latency = f", latency {p50:.0f} ms (p95 {p95:.0f} ms)"
        return (
            f"{self.analysed} of {reader.frames} frames analysed in {seconds:.0f} s{latency}, "
            f"{reader.newest.dropped} dropped, {self.faults} failed, {self.events} events"
        )


class WatchLoop:
    """Analyses a source's frames until it ends or `stop` is set.

    Args:
        reader: of the source; started by `run`.
        pipeline: a new one.
        engine: with the rules.
        name: of the source, in records.
        sinks: where events go.
        outputs: where the results of frames go.
        clock: monotonic time in seconds, the reader's.

    Attributes:
        stop: ends the loop.
        figures: counts so far.
        stream_clock: relates the times of events to the wall clock.
    """

    def __init__(
        self,
        reader: SourceReader,
        pipeline: Pipeline,
        engine: EventEngine,
        name: str,
        *,
        sinks: Sequence[Sink] = (),
        outputs: Sequence[FrameOutput] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stop = threading.Event()
        self.figures = WatchFigures()
        self.stream_clock = StreamClock(start_s=clock(), start_unix_s=time.time())
        self._reader, self._pipeline, self._engine, self._name = reader, pipeline, engine, name
        self._sinks, self._outputs, self._clock = sinks, outputs, clock
        self._stream = token_hex(4)
        self._lost = threading.Event()

    def set_online(self, online: bool) -> None:
        """Note that frames begin or cease to arrive; for the reader's thread."""
        if not online:
            self._lost.set()
        for sink in self._sinks:
            sink.set_online(online)

    def run(self, every_s: float = 10.0, on_figures: Callable[[str], None] | None = None) -> None:
        """Analyse frames; every `every_s` and at the end, hand over a line of figures.

        Raises:
            RuntimeError: too many frames in a row could not be analysed.
        """
        faults, told_s = 0, self._clock()
        self._reader.start()
        try:
            while not self.stop.is_set():
                frame = self._reader.newest.take(POLL_S)
                if self._lost.is_set():
                    self._lost.clear()
                    self._emit(self._engine.end(self._clock()))
                if frame is None:
                    if self._reader.newest.ended:
                        return
                    continue
                faults = 0 if self._process(frame) else faults + 1
                if faults >= MAX_FAULTS_IN_A_ROW:
                    raise RuntimeError(f"{faults} frames in a row could not be analysed")
                if on_figures is not None and self._clock() - told_s >= every_s:
                    told_s = self._clock()
                    on_figures(self.describe())
        finally:
            self._reader.stop()
            self._emit(self._engine.end(self._clock()))

    def describe(self) -> str:
        """The figures so far, in one line."""
        return self.figures.describe(self._reader, self._clock() - self.stream_clock.start_s)

    def _process(self, frame: SourceFrame) -> bool:
        """Analyse a frame and hand on what comes of it; False if that failed."""
        try:
            picture = upright(frame.frame, frame.aspect, limits.MAX_VIDEO_SIDE_PX)
            result = self._pipeline.process(picture, frame.time_s)
        except Exception:  # one frame must not end the watch
            self.figures.faults += 1
            _LOGGER.debug("A frame could not be analysed", exc_info=True)
            return False
        self.figures.analysed += 1
        self.figures.latency_s.append(self._clock() - frame.time_s)
        self._emit(self._engine.update(result))
        self._hand_on(frame, result)
        return True

    def _hand_on(self, frame: SourceFrame, result: FrameResult) -> None:
        wanted = [output for output in self._outputs if output.wanted]
        if wanted:
            since_start = replace(result, time_s=result.time_s - self.stream_clock.start_s)
            record = frame_record(self._name, frame.number, since_start)
            for output in wanted:
                output.offer_frame(record, frame.time_s)

    def _emit(self, events: Sequence[Event]) -> None:
        for event in events:
            self.figures.events += 1
            sent = message(event, source=self._name, stream=self._stream, clock=self.stream_clock)
            for sink in self._sinks:
                sink.offer(sent)
            for output in self._outputs:
                output.offer_event(sent)


class FrameLines:
    """Implements `FrameOutput` by JSON lines, the same as those of `video`.

    Args:
        offer: takes a line and the time of its frame.
    """

    wanted = True

    def __init__(self, offer: Callable[[str, float], None]) -> None:
        self._offer = offer

    def offer_frame(self, record: dict[str, Any], time_s: float) -> None:
        """See `FrameOutput`."""
        self._offer(json.dumps(record, ensure_ascii=False), time_s)

    def offer_event(self, message: Message) -> None:
        """See `FrameOutput`; events have sinks of their own."""
