"""What uploads import: nothing that would hold up the live streams of others."""

from __future__ import annotations

import json
import subprocess
import sys

from realtime.core.installed import PACKAGE

LARGE_BYTES = 100_000  # of source: compiling it takes some 40 ms, in which no other thread runs
VIDEO = PACKAGE / "samples/live.mp4"
UPLOADS = """
import json, logging, sys
from pathlib import Path

logging.disable(logging.CRITICAL)
import realtime.ui.server
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.ui.photo.analysis import Photo, analyse
from realtime.ui.preload import load_modules
from realtime.video.job import VideoJob, VideoSettings
from realtime.video.upload import open_upload

load_modules()
before = set(sys.modules)
video, photo = Path(sys.argv[1]), Path(sys.argv[2])
job = VideoJob(open_upload("video", video.read_bytes()), VideoSettings())
job.join(60)
job.result.table.json(), job.result.table.parquet()
analyse(Networks, Photo(id="0", name="p", data=photo.read_bytes()), AnalysisSettings())
files = {n: getattr(sys.modules[n], "__file__", None) or "" for n in set(sys.modules) - before}
print(json.dumps({n: Path(f).stat().st_size for n, f in files.items() if f.endswith(".py")}))
"""


def test_uploads_import_no_large_module_while_streams_run() -> None:
    photo = PACKAGE / "samples/hopper.jpg"
    command = [sys.executable, "-c", UPLOADS, str(VIDEO), str(photo)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sizes = json.loads(done.stdout.splitlines()[-1])
    assert {name: size for name, size in sizes.items() if size > LARGE_BYTES} == {}
