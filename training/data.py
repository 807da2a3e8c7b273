"""Labelled data sets, read straight from their zip files.

A set is `NAME.zip` in the data folder; paths inside it start with `NAME/`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from realtime.core.errors import FaceStreamError
from realtime.core.faces import Frame

DEFAULT_DATA = Path("../shared/data")


class DataError(FaceStreamError, ValueError):
    """A data set is missing or malformed; the message is one sentence for the user."""


def decode(data: bytes, name: str) -> Frame:
    """Decode a picture to (h, w, 3) uint8 BGR; gray ones get three equal channels.

    Raises:
        DataError: `data` is not a picture; the message starts with `name`.
    """
    # OpenCV raises its own error for an empty file and returns None for other invalid data.
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        raise DataError(f"{name} is not a picture.")
    return np.asarray(picture, np.uint8)


class Archive:
    """A zipped set of pictures and tables; a context manager.

    Args:
        data: the data folder.
        name: the set's name, such as `fer2013`.

    Raises:
        DataError: the folder or the zip file is missing, or the file is not a zip file.
    """

    def __init__(self, data: Path, name: str) -> None:
        path = data / f"{name}.zip"
        if not data.is_dir():
            raise DataError(f"Data folder {data} not found. Set it with --data.")
        if not path.is_file():
            raise DataError(f"{name}.zip is missing from the data folder {data}.")
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise DataError(f"{path} is not a zip file: {error}.") from error
        self._name = name

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def fingerprint(self) -> str:
        """A short hash of the content: names and checksums of all files."""
        listing = sorted((item.filename, item.CRC) for item in self._zip.infolist())
        return hashlib.sha256(repr(listing).encode()).hexdigest()[:12]

    def paths(self, under: str = "") -> list[str]:
        """Sorted paths of the pictures in folder `under`, without the leading set name."""
        head = f"{self._name}/"
        start = head + under
        return sorted(
            n.removeprefix(head)
            for n in self._zip.namelist()
            if n.startswith(start) and not n.endswith(("/", ".csv"))
        )

    def picture(self, path: str) -> Frame:
        """Read a picture as (h, w, 3) uint8 BGR; gray ones get three equal channels."""
        return decode(self._read(path), f"{path} in {self._name}.zip")

    def table(self, path: str, columns: Sequence[str]) -> list[dict[str, str]]:
        """The rows of a CSV file.

        Raises:
            DataError: the file or one of `columns` is missing.
        """
        reader = csv.DictReader(io.StringIO(self._read(path).decode()))
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"{path} in {self._name}.zip has no column {', '.join(missing)}.")
        return list(reader)

    def _read(self, path: str) -> bytes:
        try:
            return self._zip.read(f"{self._name}/{path}")
        except KeyError as error:
            raise DataError(f"{self._name}.zip has no {path}.") from error
