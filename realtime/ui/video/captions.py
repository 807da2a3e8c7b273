"""Text of the video page: times, speeds and descriptions of videos."""

from __future__ import annotations

from realtime.video.progress import Progress, Stage
from realtime.video.upload import VideoUpload

_STAGES = {
    Stage.LOADING: "Loading models…",
    Stage.ANALYSING: "Reading the first frames…",
    Stage.FINISHING: "Writing the annotated video…",
}


def duration(seconds: float) -> str:
    """A duration, such as "3 s", "1 min 5 s" or "10 min"."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} min"] if minutes else []
    return " ".join([*parts, f"{rest} s"] if rest or not minutes else parts)


def upload_caption(upload: VideoUpload) -> str:
    """Name, frame size, duration, number of frames and sound of an upload."""
    width, height = upload.size_wh
    sound = "with sound" if upload.sound else "no sound"
    return (
        f"{upload.name}: {width} × {height} px, {duration(upload.seconds)}, "
        f"{upload.frames} frames, {sound}"
    )


def stage_caption(stage: Stage, progress: Progress) -> str:
    """What a running job is doing, with its progress while it analyses."""
    if stage is Stage.ANALYSING and progress.done:
        return progress_caption(progress)
    return _STAGES[stage]


def progress_caption(progress: Progress) -> str:
    """Progress, such as "120 of 450 frames, 84 fps, 4 s left"."""
    text = f"{progress.done} of {progress.total} frames"
    if progress.left_s is None:
        return text
    left = progress.left_s
    remaining = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    return f"{text}, {progress.fps:.0f} fps, {remaining} left"
