"""From items to rows: the analysis of photos and segments in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from realtime.bulk.fetch import check_unchanged, local_video, read_remote
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item
from realtime.bulk.schema import PHOTO, face_rows
from realtime.bulk.segment import analyze_segment
from realtime.bulk.source_file import is_remote
from realtime.core.arrays import Frame
from realtime.core.errors import FaceStreamError
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.media.pictures import decode_file, read_picture
from realtime.media.resize import fit_within
from realtime.output.crops import encode, face_crop
from realtime.video.best_view import MAX_VIEW_SIDE_PX

Row = dict[str, Any]


class Analyst:
    """Analyses items one after the other, on one core.

    The next picture is read and decoded while the current one is analysed, which hides the delay
    of disks and networks.

    Args:
        job: how.

    Raises:
        FaceStreamError: a network is missing or damaged.
        FileNotFoundError: a network of MediaPipe's wheel is chosen, and missing.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._networks = Networks(threads=1)
        self._networks.warm_up(job.settings, faces=1)
        self._reader = ThreadPoolExecutor(1, "reader")
        self._video = ExitStack()  # the copy of the last remote video
        self._video_path: tuple[str, Path] | None = None

    def rows(
        self, items: Sequence[Item], on_item: Callable[[int], None] = lambda _: None
    ) -> Iterator[Row]:
        """The row of each item, in their order; a file that fails is a row with `error`.

        Args:
            items: what to analyse.
            on_item: called with the position of each item before it is analysed.
        """
        ahead = [self._reader.submit(_read, item) for item in items[:1]]
        for k, item in enumerate(items):
            on_item(k)
            picture = ahead.pop()
            if k + 1 < len(items):
                ahead.append(self._reader.submit(_read, items[k + 1]))
            start = perf_counter()
            row: Row = item.row()
            try:
                if item.error is None:
                    frame = picture.result()
                    row |= self._segment(item) if frame is None else self._photo(frame)
            except (FaceStreamError, ValueError) as error:
                row["error"] = _sentence(error)
            except Exception as error:
                row["error"] = f"The analysis failed ({_sentence(error)})"
            row["ms"] = (perf_counter() - start) * 1e3
            yield row

    def close(self) -> None:
        """Delete the copy of a video."""
        self._video.close()

    def _photo(self, frame_bgr: Frame) -> Row:
        result = analyze_photo(self._networks, frame_bgr, self._job.settings)
        faces = face_rows(result.faces, time_s=None, points=self._job.points)
        crops = None
        if self._job.crops:
            for face in faces:
                face["crop"] = True
            views = (face_crop(frame_bgr, xyxy) for xyxy in result.faces.xyxy)
            crops = [encode(fit_within(view, MAX_VIEW_SIDE_PX), ".webp") for view in views]
        return {
            "width": result.size_wh[0],
            "height": result.size_wh[1],
            "faces": faces,
            "crops": crops,
        }

    def _segment(self, item: Item) -> Row:
        if self._video_path is None or self._video_path[0] != item.path:
            self._video.close()
            self._video_path = None
            self._video_path = (item.path, self._video.enter_context(local_video(item.path)))
        return analyze_segment(self._networks, self._video_path[1], item, self._job)


def _read(item: Item) -> Frame | None:
    """The picture of a photo; None for a video, or where there is nothing to read."""
    if item.error is not None:
        return None
    check_unchanged(item)
    if item.kind != PHOTO:
        return None
    return decode_file(read_remote(item.path)) if is_remote(item.path) else read_picture(item.path)


def _sentence(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
