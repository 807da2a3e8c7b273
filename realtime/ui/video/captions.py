"""How the video page says lengths, speeds and what there is of a video."""

from __future__ import annotations

from realtime.video.job import Progress
from realtime.video.upload import VideoUpload


def clock(seconds: float) -> str:
    """Minutes and seconds, "1:05" for 65."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def upload_text(upload: VideoUpload) -> str:
    """Name, size, length and sound of an upload."""
    width, height = upload.size_wh
    sound = "with sound" if upload.sound else "no sound"
    return (
        f"{upload.name}: {width} by {height} pixels, {clock(upload.seconds)} min, "
        f"{upload.frames} frames, {sound}"
    )


def progress_text(progress: Progress) -> str:
    """As in "120 of 450 frames, 84 a second, 4 s left"."""
    text = f"{progress.done} of {progress.total} frames"
    if progress.left_s is None:
        return text
    left = progress.left_s
    rest = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    return f"{text}, {progress.fps:.0f} a second, {rest} left"
