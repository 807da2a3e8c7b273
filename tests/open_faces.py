"""How many faces of a picture are not hidden."""

from __future__ import annotations

from realtime.core.faces import Frame
from realtime.detect import create_detector

# BlazeFace also finds the outlines of hidden heads to be faces, with scores of up to 0.73. The HOG
# detector gives the fake camera's heads 0.99 and more, and the same heads hidden 0.13 and less.
MIN_SCORE = 0.5


def open_faces(picture: Frame) -> int:
    """Number of faces that dlib's HOG detector finds in the picture."""
    return len(create_detector("hog").detect(picture, min_score=MIN_SCORE))
