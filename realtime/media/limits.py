"""Limits on pictures and videos from outside; they bound memory and computing time."""

from __future__ import annotations

_MIB = 1024**2

MAX_PHOTO_UPLOAD_BYTES = 10 * _MIB
MAX_PHOTO_FILE_BYTES = 100 * _MIB  # of a local file, which its owner chose
MAX_PHOTO_PIXELS = 40_000_000

MAX_VIDEO_UPLOAD_BYTES = 200 * _MIB
MAX_VIDEO_DURATION_S = 600.0
MAX_VIDEO_FRAMES = 36_000  # ten minutes at 60 frames per second
MAX_VIDEO_PIXELS = 4096 * 2304  # a frame; an 8K frame takes 100 MB and decoders keep a dozen
MAX_PIXEL_ASPECT = 4  # width to height of one pixel, or height to width; beyond, it is a mistake
MAX_VIDEO_SIDE_PX = 1920  # larger frames of uploads are resized to this
MAX_VIDEO_FPS = 240  # some files state their clock's tick rate instead
MAX_VIDEO_OPEN_S = 60.0  # reading an upload from start to end without decoding it
MAX_VIDEO_JOB_S = 7200.0  # analysing an upload
MAX_VIDEO_OUTPUT_BYTES = 512 * _MIB  # the annotated copy of an upload

# Sound of any video, also of a local one: a few bytes of it may stand for hours.
MAX_SOUND_AFTER_PICTURE_S = 10.0
MAX_SOUND_FRAME_S = 60.0
MAX_SOUND_PACKET_BYTES = _MIB // 4
MAX_FLAC_PACKET_BYTES = _MIB // 16  # it may hold many frames, and 13 bytes of silence decode to …
MAX_FLAC_FRAME_SAMPLES = 16_384  # … so many samples
