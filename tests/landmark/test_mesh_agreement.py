"""MediaPipe's mesh as we run it against its own graph, which runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.core.arrays import Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.detect import create_detector
from realtime.landmark.mediapipe_mesh import MediaPipeMesh
from realtime.landmark.region import regions_from_boxes

FACES = 50
REFERENCE = Path(__file__).with_name("mediapipe_reference.py")


def helen_faces(data_dir: Path) -> dict[str, Frame]:
    """The first faces of landmarks_300w's test part by name."""
    with zipfile.ZipFile(data_dir / "landmarks_300w.zip") as archive:
        names = sorted(n for n in archive.namelist() if "/test/" in n and n.endswith(".webp"))
        return {
            f"face{i}": np.asarray(
                cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR),
                np.uint8,
            )
            for i, name in enumerate(names[:FACES])
        }


@pytest.mark.data
@pytest.mark.mediapipe
def test_mesh_agrees_with_mediapipes_own_graph(data_dir: Path, tmp_path: Path) -> None:
    pictures = helen_faces(data_dir)
    np.savez(tmp_path / "pictures.npz", **pictures)
    command = [sys.executable, str(REFERENCE), str(tmp_path / "pictures.npz")]
    subprocess.run([*command, str(tmp_path / "mesh.npz")], check=True, capture_output=True)
    reference = np.load(tmp_path / "mesh.npz")
    detector, mesh = create_detector("blazeface-short"), MediaPipeMesh()  # as in MediaPipe's graph

    distances = []
    for name in reference.files:
        faces = detector.detect(pictures[name], min_score=0.5)
        region = regions_from_boxes(faces.xyxy, faces.keypoints)[:1]
        ours, _ = mesh(pictures[name], region)
        theirs = reference[name]
        eyes = Landmarks(MESH468, theirs[None]).five()[0, :2]
        eye_distance = np.linalg.norm(eyes[0] - eyes[1])
        error = np.linalg.norm(ours.xy[0] - theirs[:, :2], axis=1).mean()
        distances.append(error / eye_distance)

    print(f"mean distance over eye distance: {np.mean(distances):.4f} on {len(distances)} faces")
    assert len(distances) >= FACES - 2
    assert np.mean(distances) <= 0.01
