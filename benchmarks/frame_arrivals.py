"""Which of the camera's frames is which of the stream's: the age of what the browser draws.

A result names its frame by the position in the stream; the picture has the camera's own number
(`benchmarks.fake_camera`), by which the page knows when it showed that frame.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from av import VideoFrame

from benchmarks.fake_camera import NUMBER_BITS
from realtime.live.frames import CameraFrame
from realtime.live.live_track import LiveTrack

LOG_VARIABLE = "FACESTREAM_ARRIVALS"  # path of the log
# Logs in the page: when a result is first drawn, its position in the stream, its age as the page
# estimates it before that.
RESULT_LOGGER = """(() => {
  if (window !== window.top || window.__results) return;
  window.__results = [];
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url, protocols) {
      super(url, protocols);
      if (!String(url).endsWith('/facestream/results')) return;
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') return;
        const { number, capturedMs } = window.__estimate(data);
        requestAnimationFrame(() => {
          const nowMs = performance.now();
          window.__results.push([performance.timeOrigin + nowMs, number, nowMs - capturedMs]);
        });
      });
    }
  };
})();"""
# The page's own function is inside a module.
READER = Path(__file__).resolve().parents[1] / "realtime/ui/live/draw_overlay.js"
RESULT_SCRIPT = (
    f"{{ {READER.read_text(encoding='utf-8')}\nwindow.__estimate = readMessage; }}\n{RESULT_LOGGER}"
)


def log_arrivals() -> None:
    """Log each frame that arrives in this process: its position and the camera's number."""
    log = Path(os.environ[LOG_VARIABLE]).open("a", buffering=1)
    receive = LiveTrack._on_camera_frame

    def log_and_receive(track: LiveTrack, frame: CameraFrame) -> None:
        log.write(f"{frame.number} {encoded_number(frame.frame)}\n")
        receive(track, frame)

    LiveTrack._on_camera_frame = log_and_receive  # type: ignore


def encoded_number(frame: VideoFrame) -> int:
    """The number along the bottom edge of a frame in yuv420p; -1 if it cannot be read."""
    plane, block = frame.planes[0], frame.width / 32
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    row = rows[frame.height - max(1, int(block / 2)) - 1]
    bits = [int(row[int((i + 0.5) * block)] > 127) for i in range(NUMBER_BITS + 2)]
    if bits[:2] != [1, 0]:
        return -1
    return sum(bit << i for i, bit in enumerate(bits[2:]))


def ages_ms(
    drawn: Sequence[Sequence[float]], log: Path, sent: Sequence[Sequence[float]], *, max_ms: float
) -> list[float]:
    """Milliseconds from each frame's showing in the page to the drawing of its result.

    Args:
        drawn: (milliseconds, position in the stream, …) of each result drawn.
        log: written by `log_arrivals`.
        sent: (milliseconds, number) of the camera's frames, in order, on the same clock.
        max_ms: greater ages are mismatches: the camera's numbers repeat.
    """
    pairs = (line.split() for line in log.read_text().splitlines())
    numbers = {int(position): int(number) for position, number in pairs}
    shown: dict[int, list[float]] = {}
    for at_ms, number in sent:
        shown.setdefault(int(number), []).append(at_ms)
    ages = []
    for at_ms, position, *_ in drawn:
        times = shown.get(numbers.get(int(position), -1), [])
        last = bisect_right(times, at_ms) - 1
        if last >= 0 and at_ms - times[last] < max_ms:
            ages.append(at_ms - times[last])
    return ages
