"""MediaPipe's own face mesh graph on pictures; run as a process of its own.

Usage: python mediapipe_reference.py PICTURES.npz OUT.npz. Writes one (468, 3) array of pixels a
picture, under the picture's name; pictures in which the graph finds no face are left out.
"""

import sys

import cv2
import mediapipe as mp
import numpy as np

pictures = np.load(sys.argv[1])
found = {}
for name in pictures.files:
    frame_bgr = pictures[name]
    height, width = frame_bgr.shape[:2]
    # A graph a picture: a still must not be helped by the picture before it.
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1) as graph:
        result = graph.process(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB))
    if result.multi_face_landmarks:
        points = [
            (p.x * width, p.y * height, p.z * width)
            for p in result.multi_face_landmarks[0].landmark
        ]
        found[name] = np.array(points, np.float32)
np.savez(sys.argv[2], **found)
