"""The stream's own thread: each frame is analysed, drawn on, noted in the table, kept if asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.core.threads import name_thread
from realtime.live.frame_processor import Analyser, FrameWorker, StreamSettings, draw
from realtime.live.frames import Output, Shot
from realtime.live.latest_frame import NewestShot
from realtime.live.snapshot import Snapshot, SnapshotDesk
from realtime.media.frames import to_bgr, to_video
from realtime.output.tables import FaceTable
from realtime.render.draw import StreamStats

THREAD_NAME = "facestream-live"


class LiveThread:
    """Takes frames from the slot until it is closed; owns the networks and frees them at its end.

    Args:
        slot: where the newest frame waits.
        make_analyser: loads what analyses the frames; called in the thread.
        settings: what the viewer has chosen by now.
        stats: the stream's figures, to be drawn.

    Attributes:
        ready: whether the networks are loaded.
        worker: what was found last, and what is wrong.
        table: all faces since the start; its times are seconds since then.
        snapshots: where a picture can be asked for.
    """

    def __init__(
        self,
        slot: NewestShot,
        make_analyser: Callable[[AnalysisSettings], Analyser],
        settings: Callable[[], StreamSettings],
        stats: Callable[[], StreamStats],
    ) -> None:
        self._slot = slot
        self._settings = settings
        self._stats = stats
        self.ready = False
        self.worker = FrameWorker(make_analyser)
        self.table = FaceTable()
        self.snapshots = SnapshotDesk()

    def start(self, started_s: float, hand_over: Callable[[Output], None]) -> None:
        """Begin; each finished frame is handed over in the thread.

        Args:
            started_s: the time from which the table's times count.
            hand_over: must not block.
        """
        arguments = (started_s, hand_over)
        threading.Thread(target=self._work, args=arguments, name=THREAD_NAME, daemon=True).start()

    def paint(self, shot: Shot, result: FrameResult, settings: StreamSettings) -> Output:
        """The frame with an older analysis drawn on it; from any thread."""
        picture = to_bgr(shot.frame, mirror=settings.mirror)
        draw(picture, result.faces, settings.draw, self._stats())
        return Output(shot, to_video(picture), result.time_s, hidden=False)

    def _work(self, started_s: float, hand_over: Callable[[Output], None]) -> None:
        name_thread(THREAD_NAME)
        self.worker.prepare(self._settings())
        self.ready = True
        while (shot := self._slot.take()) is not None:
            hand_over(self._finished(shot, started_s))
        self.worker.close()
        self.snapshots.close()

    def _finished(self, shot: Shot, started_s: float) -> Output:
        settings = self._settings()
        hidden, wanted = settings.draw.hiding is not None, self.snapshots.wanted
        picture = to_bgr(shot.frame, mirror=settings.mirror)
        result = self.worker.run(
            picture, shot.received_s, settings, self._stats(), keep_clean=wanted
        )
        if result is not None:
            self.table.add(replace(result, time_s=result.time_s - started_s), shot.number)
        if wanted:
            self.snapshots.give(Snapshot(picture, self.worker.take_clean(), hidden))
        analysed_s = shot.received_s if result is None else result.time_s
        return Output(shot, to_video(picture), analysed_s, hidden)
