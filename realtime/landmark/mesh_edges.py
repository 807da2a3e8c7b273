"""Which points of the mesh are joined, as MediaPipe's wheel lists them."""

from __future__ import annotations

import runpy
from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.inference.mediapipe_files import package_file


@cache
def mesh_edges() -> NDArray[np.intp]:
    """The edges of the mesh's triangles, each once: (edges, 2) landmark indices."""
    # The file holds constants only; running it alone leaves the package unimported.
    constants = runpy.run_path(str(package_file("python/solutions/face_mesh_connections.py")))
    edges = {(min(edge), max(edge)) for edge in constants["FACEMESH_TESSELATION"]}
    return np.array(sorted(edges), np.intp)
