"""Results as JSON, and pictures of the faces, for the command line and the Photos page."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from realtime.core.faces import (
    EMOTION_LABELS,
    F32,
    GENDER_LABELS,
    MASK_LABELS,
    Doubt,
    Faces,
    Frame,
    FrameResult,
)
from realtime.core.settings import DrawSettings
from realtime.render.captions import emotion_text, gender_text, mask_text
from realtime.render.draw import draw_result

CROP_MARGIN = 0.3  # of the box's longer side, so that a crop shows hair and chin
LANDMARK_MODELS = {468: "mesh", 68: "dlib68"}


class ExportError(RuntimeError):
    """A file that cannot be written; the message is one sentence."""


class PictureFolders:
    """Writes annotated pictures and crops of faces into folders, each picture under its own name.

    Args:
        annotated: the folder for annotated pictures, None for none; made where it is missing.
        crops: the folder for one PNG a face, as above.
        draw: what is drawn on the annotated ones.

    Raises:
        ExportError: a folder cannot be made.
    """

    def __init__(
        self, *, annotated: Path | None, crops: Path | None, draw: DrawSettings | None = None
    ) -> None:
        self._annotated = annotated
        self._draw = draw or DrawSettings()
        self._crops = crops
        self._taken: set[str] = set()
        for folder in (annotated, crops):
            try:
                if folder is not None:
                    folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ExportError(f"{folder} cannot be made: {error.strerror}.") from error

    def write(self, stem: str, frame_bgr: Frame, result: FrameResult) -> None:
        """Write what was asked for of one picture.

        Raises:
            ExportError: a file cannot be written.
        """
        name = free_name(stem, self._taken)
        self._taken.add(name)
        files: dict[Path, bytes] = {}
        if self._crops is not None:
            for number, xyxy in enumerate(result.faces.xyxy, 1):
                crop = encode(face_crop(frame_bgr, xyxy), ".png")
                files[self._crops / f"{name}-face{number:02d}.png"] = crop
        if self._annotated is not None:
            drawn = frame_bgr.copy()
            draw_result(drawn, numbered(result.faces), self._draw)
            files[self._annotated / f"{name}.jpg"] = encode(drawn, ".jpg")
        for path, data in files.items():
            try:
                path.write_bytes(data)
            except OSError as error:
                raise ExportError(f"{path} cannot be written: {error.strerror}.") from error


def free_name(stem: str, taken: Container[str]) -> str:
    """`stem`, or with a number where that is taken."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


@contextmanager
def open_output(target: str, stdout: IO[str]) -> Iterator[IO[str]]:
    """`stdout` for "-", else a file that appears under its name only once it is complete.

    Raises:
        ExportError: the file cannot be written.
    """
    if target == "-":
        yield stdout
        return
    path = Path(target)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def photo_record(path: str, result: FrameResult) -> dict[str, Any]:
    """One picture's result, ready for JSON; boxes and points in pixels of the upright picture."""
    return {
        "path": path,
        "width": result.size_wh[0],
        "height": result.size_wh[1],
        "faces": [face_record(result.faces, i) for i in range(len(result.faces))],
        "timings_ms": {stage: round(ms, 2) for stage, ms in result.timings_ms.items()},
    }


def frame_record(path: str, frame: int, result: FrameResult) -> dict[str, Any]:
    """One video frame's result: as a photo's, with the frame's number and time."""
    record = photo_record(path, result)
    return {
        "path": record.pop("path"),
        "frame": frame,
        "time_s": round(result.time_s, 4),
        **record,
    }


def face_record(faces: Faces, i: int) -> dict[str, Any]:
    """Face i, ready for JSON; null stands for what was not run or is not known yet.

    `gender`, `pose` (degrees), `eyes_open`, `mouth_open`, `gaze` and `blinks` are there only
    where they were asked for; a still picture has no blinks.
    """
    record: dict[str, Any] = {}
    if faces.track_id is not None:
        record["track_id"] = int(faces.track_id[i])
    record["box"] = [round(float(v), 1) for v in faces.xyxy[i]]
    record["score"] = round(float(faces.score[i]), 4)
    record["landmarks"] = _landmarks(faces.landmarks, i)
    mask, emotion = faces.mask_of(i), faces.emotion_of(i)
    record["mask"] = record["emotion"] = None
    if mask is not None and faces.mask_prob is not None:
        prob = faces.mask_prob[i]
        record["mask"] = _answer(mask[0], prob, MASK_LABELS, faces.mask_doubts(i))
    if emotion is not None and faces.emotion_prob is not None:
        prob = faces.emotion_prob[i]
        record["emotion"] = _answer(emotion[0], prob, EMOTION_LABELS, faces.emotion_doubts(i))
        if faces.masked is not None and faces.masked[i]:
            record["emotion"]["masked"] = True
    if faces.gender_prob is not None:
        gender = faces.gender_of(i)
        record["gender"] = gender and _answer(
            gender[0], faces.gender_prob[i], GENDER_LABELS, faces.gender_doubts(i)
        )
    return record | _measures(faces, i)


def face_crop(frame_bgr: Frame, xyxy: F32, *, margin: float = CROP_MARGIN) -> Frame:
    """The part of the picture about one box (4,), with some room around; at least one pixel."""
    height, width = frame_bgr.shape[:2]
    x0, y0, x1, y1 = (float(v) for v in xyxy)
    room = margin * max(x1 - x0, y1 - y0)
    left = min(max(0, round(x0 - room)), width - 1)
    top = min(max(0, round(y0 - room)), height - 1)
    right = max(left + 1, min(width, round(x1 + room)))
    bottom = max(top + 1, min(height, round(y1 + room)))
    return frame_bgr[top:bottom, left:right]


def numbered(faces: Faces) -> Faces:
    """The faces of a still with numbers from 1 in their order, to be drawn beside them."""
    return faces.with_(track_id=np.arange(1, len(faces) + 1, dtype=np.int64))


def encode(frame_bgr: Frame, suffix: str) -> bytes:
    """The picture as the bytes of a file of that kind: ".png", or ".jpg" at high quality.

    Raises:
        ValueError: OpenCV cannot write such a file.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, 92] if suffix == ".jpg" else []
    done, data = cv2.imencode(suffix, frame_bgr, options)
    if not done:
        raise ValueError(f"This picture cannot be written as {suffix}.")
    return data.tobytes()


def describe(result: FrameResult) -> str:
    """What a picture shows, in one line for people: "2 faces: no mask, happy; …"."""
    count = len(result.faces)
    if count == 0:
        return "no face"
    faces = result.faces
    texts = [
        (mask_text(faces, i), emotion_text(faces, i), gender_text(faces, i)) for i in range(count)
    ]
    words = [", ".join(text for text in told if text) for told in texts]
    head = f"{count} face{'s' if count > 1 else ''}"
    details = "; ".join(word for word in words if word)
    return f"{head}: {details}" if details else head


def _measures(faces: Faces, i: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if faces.pose_deg is not None:
        pose = faces.pose_deg[i]
        angles = zip(("yaw", "pitch", "roll"), pose, strict=True)
        known = bool(np.isfinite(pose).all())
        record["pose"] = {name: round(float(v), 1) for name, v in angles} if known else None
    if faces.eye_open is not None:
        record["eyes_open"] = [round(float(v), 3) for v in faces.eye_open[i]]
    if faces.mouth_open is not None:
        record["mouth_open"] = round(float(faces.mouth_open[i]), 3)
    if faces.gaze_deg is not None:
        yaw, pitch = faces.gaze_deg[i].tolist()
        record["gaze"] = {"yaw": round(yaw, 1), "pitch": round(pitch, 1)}
    if faces.blinks is not None:
        record["blinks"] = int(faces.blinks[i])
    return record


def _landmarks(landmarks: F32 | None, i: int) -> dict[str, Any] | None:
    if landmarks is None:
        return None
    # All at once takes a tenth of the time, and in float64 it rounds as Python does.
    points = np.round(landmarks[i, :, :2].astype(np.float64), 1).tolist()
    return {"model": LANDMARK_MODELS[len(points)], "points": points}


def _answer(
    label: str, prob: F32, labels: Sequence[str], doubts: Sequence[Doubt]
) -> dict[str, Any]:
    """An answer ready for JSON; an unsure one says why."""
    probs = {name: round(float(p), 4) for name, p in zip(labels, prob, strict=True)}
    because = {"doubts": [str(doubt.name).lower() for doubt in doubts]} if doubts else {}
    return {"label": label, "probs": probs, **because}
