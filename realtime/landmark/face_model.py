"""A mean face in centimetres, of points that an expression hardly moves.

It is the mean of the mesh over the training faces of landmarks_300w, made symmetric and scaled to
the outer eye distance of an adult; `python -m training landmarks --steps measure` prints it.
The mesh is MediaPipe's (Apache 2.0), whose wheel lacks a metric model of its own.
"""

from __future__ import annotations

import numpy as np

# x to the right of the picture, y down, z away from the camera, for a face that looks straight at
# it; the origin lies in the middle of the eyes' outer corners. The order is that of `Marks.rigid`.
POINTS = np.array(
    [
        [-4.45, 0.00, 0.00],  # right eye, outer corner
        [-1.72, 0.20, -0.54],  # inner
        [1.72, 0.20, -0.54],  # left eye, inner corner
        [4.45, 0.00, 0.00],  # outer
        [0.00, -0.27, -2.21],  # bridge of the nose, from above
        [0.00, 1.23, -3.03],
        [0.00, 2.60, -4.02],
        [0.00, 4.06, -3.98],  # its tip
        [-1.68, 4.32, -1.62],  # its base, from the person's right
        [-0.74, 4.58, -2.24],
        [0.00, 4.61, -2.40],
        [0.74, 4.58, -2.24],
        [1.68, 4.32, -1.62],
    ]
)
