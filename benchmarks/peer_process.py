"""A process that runs one program on one core, for `python -m benchmarks peers`.

The parent asks for turns, so that all programs run alternately under the same conditions.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from threading import Timer
from time import perf_counter, process_time
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from benchmarks.detection_speed import ONE_THREAD, center_crop
from benchmarks.mediapipe_python import mediapipe_python
from benchmarks.moving_faces import moving_frames
from benchmarks.peer_programs import PEERS, Options
from realtime.core.arrays import Frame
from realtime.media.video_reader import VideoReader

SIZE_WH = (640, 480)
MAX_CLIP_FRAMES = 150
TURN_TIMEOUT_S = 180.0  # the first turn waits for TensorFlow's import


class PeerProcess:
    """A program in a process of its own; use in a `with` block.

    Args:
        name: a key of `PEERS`.
        scene: a number of moving faces, or the path of a clip.
        options: what the program is created with.
    """

    def __init__(self, name: str, scene: str, options: Options) -> None:
        self._name = name
        python = mediapipe_python() if PEERS[name].mediapipe else None
        command = [python or sys.executable, "-m", "benchmarks.peer_process", name, scene]
        command += ["--max-faces", str(options.max_faces)]
        if options.yunet:
            command += ["--yunet", str(options.yunet)]
        self._process = subprocess.Popen(
            command,
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def turn(self, frames: int, seconds: float) -> dict[str, list[float]]:
        """Run the next frames.

        Args:
            frames: maximum number of frames.
            seconds: no further frame begins after this time.

        Returns:
            CPU milliseconds of the process (`cpu_ms`) and `faces` of each frame.

        Raises:
            RuntimeError: the process ended, or did not answer within `TURN_TIMEOUT_S`.
        """
        request = json.dumps({"frames": frames, "seconds": seconds})
        guard = Timer(TURN_TIMEOUT_S, self._process.kill)
        guard.start()
        try:
            answer = self._ask(request)
        except BrokenPipeError:
            answer = ""
        finally:
            guard.cancel()
        if not answer:
            raise RuntimeError(f"{PEERS[self._name].title} stopped")
        times: dict[str, list[float]] = json.loads(answer)
        return times

    def _ask(self, request: str) -> str:
        """The line of JSON that answers the request; empty where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):  # packages print on stdout, too
                return line
        return ""

    def __enter__(self) -> PeerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


def load_frames(scene: str) -> list[Frame]:
    """640x480 frames: moving faces where `scene` is a number, otherwise the clip's first ones.

    Raises:
        FaceStreamError: the clip cannot be read.
    """
    if scene.isdecimal():
        return moving_frames(int(scene), SIZE_WH)
    with VideoReader(Path(scene)) as video:
        return [center_crop(frame.frame_bgr) for frame in islice(video, MAX_CLIP_FRAMES)]


def main() -> None:
    """Create the program; then run the turns that stdin asks for until it is closed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer_process", description=__doc__)
    parser.add_argument("name", choices=[n for n, p in PEERS.items() if p.create])
    parser.add_argument("scene", help="a number of moving faces, or the path of a clip")
    parser.add_argument("--max-faces", type=int, default=1)
    parser.add_argument("--yunet", type=Path)
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    frames = load_frames(args.scene)
    create = PEERS[args.name].create
    assert create is not None
    program = create(Options(max_faces=args.max_faces, yunet=args.yunet))
    position = 0
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        cpu_ms: list[float] = []
        faces: list[int] = []
        end_s = perf_counter() + asked["seconds"]
        while len(cpu_ms) < asked["frames"] and perf_counter() < end_s:
            frame = np.array(frames[position % len(frames)])
            position += 1
            start_s = process_time()
            faces.append(program(frame))
            cpu_ms.append((process_time() - start_s) * 1e3)
        print("\n" + json.dumps({"cpu_ms": cpu_ms, "faces": faces}), flush=True)


if __name__ == "__main__":
    main()
