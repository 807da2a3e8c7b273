"""JavaScript packages that a benchmark runs, fetched by npm into the user's cache folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

FETCH_TIMEOUT_S = 300


class NpmError(RuntimeError):
    """A package cannot be fetched; the message is one sentence."""


def fetch(name: str, version: str) -> Path:
    """The folder of a package, fetched at the first call.

    Raises:
        NpmError: npm is missing or could not fetch it.
    """
    folder = _cache() / f"{name.lstrip('@').replace('/', '-')}-{version}"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise NpmError("npm is not installed: it fetches the package")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        command = [npm, "pack", f"{name}@{version}", "--silent", "--pack-destination", work]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=FETCH_TIMEOUT_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise NpmError(f"npm could not fetch {name} {version}: check the network") from error
        (archive,) = Path(work).glob("*.tgz")
        with tarfile.open(archive) as files:
            files.extractall(work, filter="data")
        (Path(work) / "package").rename(folder)
    return folder


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "facestream" / "npm"
