"""Reading the labelled sets, straight from their zips.

A set is `NAME.zip` in the data folder; paths inside it start with `NAME/`.
"""

from __future__ import annotations

from realtime.core.errors import FaceStreamError

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from realtime.core.faces import Frame

DEFAULT_DATA = Path("../shared/data")


class DataError(FaceStreamError, ValueError):
    """A data set is missing or not as expected; the message is one plain sentence."""


def decode(data: bytes, name: str) -> Frame:
    """An encoded picture as (h, w, 3) uint8 BGR; gray ones have three equal channels.

    Raises:
        DataError: it is not a picture; the message begins with `name`.
    """
    # OpenCV raises an error of its own for an empty file and returns None for other rubbish.
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        raise DataError(f"{name} is not a picture.")
    return np.asarray(picture, np.uint8)


class Archive:
    """One zipped set of pictures and tables; a context manager.

    Args:
        data: the folder of zips.
        name: the set's name, `fer2013` for instance.

    Raises:
        DataError: the folder or the zip is missing, or the file is no zip.
    """

    def __init__(self, data: Path, name: str) -> None:
        path = data / f"{name}.zip"
        if not data.is_dir():
            raise DataError(f"There is no data folder {data}; name it with --data.")
        if not path.is_file():
            raise DataError(f"The data folder {data} has no {name}.zip.")
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
        """A short hash of what the zip holds: names and checksums."""
        listing = sorted((item.filename, item.CRC) for item in self._zip.infolist())
        return hashlib.sha256(repr(listing).encode()).hexdigest()[:12]

    def paths(self, under: str = "") -> list[str]:
        """Paths of the pictures below `under`, sorted, without the set's name in front."""
        head = f"{self._name}/"
        start = head + under
        return sorted(
            n.removeprefix(head)
            for n in self._zip.namelist()
            if n.startswith(start) and not n.endswith(("/", ".csv"))
        )

    def picture(self, path: str) -> Frame:
        """A picture as (h, w, 3) uint8 BGR; gray ones have three equal channels."""
        return decode(self._read(path), f"{path} in {self._name}.zip")

    def table(self, path: str, columns: Sequence[str]) -> list[dict[str, str]]:
        """The rows of a csv, checked to have `columns`."""
        reader = csv.DictReader(io.StringIO(self._read(path).decode()))
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            raise DataError(f"{path} in {self._name}.zip lacks the columns {', '.join(missing)}.")
        return list(reader)

    def _read(self, path: str) -> bytes:
        try:
            return self._zip.read(f"{self._name}/{path}")
        except KeyError as error:
            raise DataError(f"{self._name}.zip has no {path}.") from error
