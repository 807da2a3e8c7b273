"""One segment of a video: followed from a second before, so that its tracks have settled."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from realtime.bulk.job import Job
from realtime.bulk.manifest import Item
from realtime.bulk.schema import box_row, face_rows
from realtime.core.faces import FrameResult
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.media.video_reader import VideoReader
from realtime.video.best_view import BestViews

LEAD_IN_S = 1.0
_SLACK_S = 1e-4  # times are rounded to this


def analyze_segment(networks: Networks, path: Path, item: Item, job: Job) -> dict[str, Any]:
    """Analyse the frames of a video from `item.start_s` up to `item.end_s`.

    Segments need not begin at key frames: reading goes back to the key frame before the lead-in
    in any case, so that a cut at a key frame would decode one more group of pictures. Landmarks are
    not kept: a minute of one face would take a megabyte, and a crowd more than the memory.

    Args:
        networks: what to run.
        path: the video.
        item: which segment; `end_s` None for all that follows.
        job: how.

    Returns:
        The columns of its row: size, frames, faces, lead-in, crops, and the end.

    Raises:
        VideoError: it cannot be read.
    """
    start_s = item.start_s or 0.0
    end_s = math.inf if item.end_s is None else item.end_s
    pipeline, views = Pipeline(networks, job.settings), BestViews(".webp")
    size_wh: tuple[int, int] | tuple[None, None] = (None, None)
    frames, shown_until_s = 0, start_s
    faces: list[dict[str, Any]] = []
    lead_in: list[dict[str, Any]] = []
    with VideoReader(path, name="The video", threads=1) as reader:
        reader.skip_to(start_s - LEAD_IN_S)
        for frame in reader:
            time_s = round(frame.time_s, 4)
            if time_s >= end_s - _SLACK_S:
                break
            result = pipeline.process(frame.frame_bgr, frame.time_s)
            if time_s < start_s - _SLACK_S:
                lead_in += _lead_in(result, time_s)
                continue
            frames, size_wh = frames + 1, result.size_wh
            shown_until_s = frame.time_s + frame.duration_s
            faces += face_rows(result.faces, time_s=time_s, points=False)
            if job.crops:
                views.update(frame.frame_bgr, result.faces, time_s)
    return {
        "width": size_wh[0],
        "height": size_wh[1],
        "frames": frames,
        "end_s": shown_until_s if item.end_s is None else item.end_s,
        "faces": faces,
        "lead_in": lead_in,
        "crops": _crops(faces, views) if job.crops else None,
    }


def _lead_in(result: FrameResult, time_s: float) -> list[dict[str, Any]]:
    tracks = result.faces.track_id
    if tracks is None:
        return []
    return [
        {"time_s": time_s, "track_id": track, "box": box_row([round(v, 1) for v in box])}
        for track, box in zip(tracks.tolist(), result.faces.xyxy.tolist(), strict=True)
    ]


def _crops(faces: list[dict[str, Any]], views: BestViews) -> list[bytes | None]:
    """For each face its picture, where it is the best view of its track, otherwise None.

    Marks these faces.
    """
    pictures, times_s = views.pictures(), views.times_s()
    crops: list[bytes | None] = []
    for face in faces:
        face["crop"] = times_s.get(face["track_id"]) == face["time_s"]
        crops.append(pictures[face["track_id"]] if face["crop"] else None)
    return crops
