"""Output files of the command line: annotated pictures, crops and text files."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from realtime.core.arrays import Frame
from realtime.core.errors import FaceStreamError
from realtime.core.faces import FrameResult
from realtime.core.settings import DrawSettings
from realtime.output.crops import encode, face_crop, numbered
from realtime.render.draw import draw_result


class ExportError(FaceStreamError):
    """A file cannot be written."""


class PictureFolders:
    """Writes annotated pictures and crops of faces into folders, each picture under its own name.

    Args:
        annotated: the folder for annotated pictures, None for none; created where it is missing.
        crops: the folder for one PNG per face, as above.
        draw: what is drawn on the annotated ones.

    Raises:
        ExportError: a folder cannot be created.
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
                raise ExportError(f"{folder} cannot be created: {error.strerror}.") from error

    def write(self, stem: str, frame_bgr: Frame, result: FrameResult) -> None:
        """Write the requested files of one picture.

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
    """`stem`, with a number appended where that is taken."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


@contextmanager
def open_output(target: str, stdout: IO[str]) -> Iterator[IO[str]]:
    """`stdout` for "-", otherwise a file that appears under its name only once it is complete.

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
