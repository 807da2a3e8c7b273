"""Parts of an annotated video: one frame, or a short clip as a GIF or with its sound as MP4."""

from __future__ import annotations

import io
from collections.abc import Iterator

import av
import cv2
import numpy as np
from PIL import Image

from realtime.core.arrays import Frame
from realtime.media.resize import fit_within
from realtime.media.video_file import VideoError
from realtime.media.video_writer import TIME_BASE

GIF_SIDE_PX = 480
GIF_FPS = 10
MAX_GIF_S = 4.0
MAX_CLIP_S = 10.0
UNREADABLE = "This part of the video cannot be read. Analyse the video again."


def frame_at(mp4: bytes, time_s: float) -> Frame:
    """The first frame (h, w, 3) of a video, as `VideoWriter` writes it, from this time on.

    Raises:
        VideoError: there is none.
    """
    for _, frame in _frames(mp4, time_s, time_s + 1):
        return frame
    raise VideoError(UNREADABLE)


def clip_gif(mp4: bytes, start_s: float, end_s: float) -> bytes:
    """The part of a video between two times, at most `MAX_GIF_S`, as an animated GIF.

    Raises:
        VideoError: there is no frame between them.
    """
    pictures: list[Image.Image] = []
    for time_s, frame in _frames(mp4, start_s, min(end_s, start_s + MAX_GIF_S)):
        if time_s >= max(start_s, 0) + len(pictures) / GIF_FPS - 1e-3:
            small = cv2.cvtColor(fit_within(frame, GIF_SIDE_PX), cv2.COLOR_BGR2RGB)
            pictures.append(Image.fromarray(small))
    if not pictures:
        raise VideoError(UNREADABLE)
    out = io.BytesIO()
    pictures[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 / GIF_FPS),
        loop=0,
    )
    return out.getvalue()


def clip_mp4(mp4: bytes, start_s: float, end_s: float) -> bytes:
    """The part of a video between two times, at most `MAX_CLIP_S`, as MP4 with its sound.

    Raises:
        VideoError: there is no frame between them.
    """
    start_s, out = max(0.0, start_s), io.BytesIO()
    end_s = min(end_s, start_s + MAX_CLIP_S)
    try:
        with av.open(io.BytesIO(mp4), "r") as source, av.open(out, "w", format="mp4") as target:
            frames = _copy(source, target, start_s, end_s)
    except av.error.FFmpegError as error:
        raise VideoError(UNREADABLE) from error
    if not frames:
        raise VideoError(UNREADABLE)
    return out.getvalue()


def _copy(
    source: av.container.InputContainer,
    target: av.container.OutputContainer,
    start_s: float,
    end_s: float,
) -> int:
    """Encode the frames between two times again, so that they begin there; copy the sound."""
    picture, sounds = source.streams.video[0], source.streams.audio[:1]
    video = target.add_stream("libx264", rate=picture.average_rate or GIF_FPS)
    video.width, video.height, video.pix_fmt = picture.width, picture.height, "yuv420p"
    video.options = {"crf": "20", "preset": "veryfast", "bf": "0"}
    video.codec_context.time_base = TIME_BASE
    copies = [target.add_stream_from_template(sound) for sound in sounds]
    source.seek(round(start_s * av.time_base))
    count = 0
    for packet in source.demux(picture, *sounds):
        if packet.stream is not picture:
            at_s = float((packet.pts or 0) * packet.time_base)
            if packet.dts is not None and start_s <= at_s <= end_s:
                shift = round(start_s / packet.time_base)
                packet.pts, packet.dts = (packet.pts or 0) - shift, packet.dts - shift
                packet.stream = copies[0]
                target.mux(packet)
            continue
        for frame in packet.decode():
            if not isinstance(frame, av.VideoFrame):
                continue
            at_s = frame.time or 0.0
            if at_s > end_s:
                target.mux(video.encode(None))
                return count
            if at_s >= start_s - 1e-3:
                frame.pts, frame.time_base = round((at_s - start_s) / TIME_BASE), TIME_BASE
                frame.pict_type = av.video.frame.PictureType.NONE
                target.mux(video.encode(frame))
                count += 1
    target.mux(video.encode(None))
    return count


def _frames(mp4: bytes, start_s: float, end_s: float) -> Iterator[tuple[float, Frame]]:
    """The frames between two times, with their times."""
    try:
        with av.open(io.BytesIO(mp4), "r") as file:
            file.seek(max(0, round(start_s * av.time_base)))
            for frame in file.decode(video=0):
                time_s = frame.time or 0.0
                if time_s > end_s:
                    return
                if time_s >= start_s - 1e-3:
                    yield time_s, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except av.error.FFmpegError as error:
        raise VideoError(UNREADABLE) from error
