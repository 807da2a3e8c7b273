"""Limits on pictures and videos from outside; they bound memory and computing time."""

from __future__ import annotations

_MIB = 1024**2

MAX_PHOTO_UPLOAD_BYTES = 10 * _MIB
MAX_PHOTO_FILE_BYTES = 100 * _MIB  # of a local file, which its owner chose
MAX_PHOTO_PIXELS = 40_000_000
MAX_PHOTO_SIDE_PX = 32_766  # OpenCV's warpAffine takes sides below SHRT_MAX only
MAX_JPEG_SCANS = 100  # converters write about ten; each costs a pass over the picture

DECODE_PROCESSES = 2  # pictures that are decoded at once
MAX_DECODE_S = 5.0  # of processor time, per picture
MAX_DECODE_WALL_S = 20.0  # per picture by the clock, as the processors may be busy
MAX_DECODE_BYTES = 300_000_000  # per picture while it is decoded; larger JPEGs are decoded smaller
MAX_DECODED_BYTES = 256 * _MIB  # of all uploaded pictures that are in use: two of the largest
MAX_DECODE_WAIT_S = 10.0  # for a free process and for memory, each

MAX_VIDEO_UPLOAD_BYTES = 200 * _MIB
MAX_VIDEO_DURATION_S = 600.0
MAX_VIDEO_FRAMES = 36_000  # ten minutes at 60 frames per second
MAX_VIDEO_PIXELS = 4096 * 2304  # a frame; an 8K frame takes 100 MB and decoders keep a dozen
MAX_PIXEL_ASPECT = 4  # width to height of one pixel, or height to width; beyond, it is a mistake
MAX_VIDEO_SIDE_PX = 1920  # larger frames of uploads are resized to this
MAX_VIDEO_FPS = 240  # some files state their clock's tick rate instead

VIDEO_CHECKS = 2  # uploads and files that are opened for the first time at once
MAX_VIDEO_INDEX_BYTES = 128_000_000  # opening an upload and reading it without decoding it
MAX_LOCAL_VIDEO_INDEX_BYTES = 1_000_000_000  # of a local file, which may last for days
MAX_VIDEO_OPEN_S = 60.0  # reading an upload from start to end without decoding it
MAX_VIDEO_JOB_S = 7200.0  # analysing an upload
MAX_VIDEO_OUTPUT_BYTES = 512 * _MIB  # the annotated copy of an upload

# Sound of any video, also of a local one: a few bytes of it may stand for hours.
MAX_SOUND_AFTER_PICTURE_S = 10.0
MAX_SOUND_FRAME_S = 60.0
MAX_SOUND_PACKET_BYTES = _MIB // 4
MAX_FLAC_PACKET_BYTES = _MIB // 16  # it may hold many frames, and 13 bytes of silence decode to …
MAX_FLAC_FRAME_SAMPLES = 16_384  # … so many samples

# Uploads that the page's server keeps at once; those that do not fit are refused.
MAX_SESSION_UPLOAD_BYTES = 420 * _MIB  # of one visitor: a video of 200 MB and 20 photos of 10 MB
MAX_SERVER_UPLOAD_BYTES = 2048 * _MIB  # of all visitors
MAX_RECEIVED_BYTES = 512 * _MIB  # of all uploads that have not arrived completely
MAX_ADDRESS_RECEIVED_BYTES = 256 * _MIB  # of these, from one address: a video and some photos
MAX_UPLOAD_STALL_S = 20.0  # without a byte, then an upload is ended
MIN_UPLOAD_BYTES_PER_S = 16_000  # on average over …
UPLOAD_RATE_WINDOW_S = 60.0  # … so many seconds, each time
MAX_REMOTE_VIDEO_BYTES = 4096 * _MIB  # of a video in an archive, which is copied to be read
MAX_VIDEO_FILE_S = 600.0  # reading a video of an archive from start to end without decoding it
