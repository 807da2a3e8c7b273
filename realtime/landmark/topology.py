"""Which landmarks mark what, by the number of landmarks: 468 of the mesh or dlib's 68."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.core.faces import F32


@dataclass(frozen=True, slots=True)
class Marks:
    """Indices of the landmarks that are measured; right and left as the person's own.

    Attributes:
        rigid: points that an expression hardly moves, in the order of `face_model.POINTS`.
        right_eye: outer corner, two points of the upper lid, inner corner, two of the lower lid
            from the inner to the outer; the vertical pairs are (1, 5) and (2, 4).
        left_eye: likewise, from the inner corner to the outer.
        mouth: right and left corner of the inner lips.
        lips: pairs of an upper and a lower point of the inner lips.
    """

    rigid: tuple[int, ...]
    right_eye: tuple[int, ...]
    left_eye: tuple[int, ...]
    mouth: tuple[int, int]
    lips: tuple[tuple[int, int], ...]


MARKS: dict[int, Marks] = {
    468: Marks(
        rigid=(33, 133, 362, 263, 168, 197, 5, 1, 98, 97, 2, 326, 327),
        right_eye=(33, 160, 158, 133, 153, 144),
        left_eye=(362, 385, 387, 263, 373, 380),
        mouth=(78, 308),
        lips=((82, 87), (13, 14), (312, 317)),
    ),
    68: Marks(
        rigid=(36, 39, 42, 45, 27, 28, 29, 30, 31, 32, 33, 34, 35),
        right_eye=(36, 37, 38, 39, 40, 41),
        left_eye=(42, 43, 44, 45, 46, 47),
        mouth=(60, 64),
        lips=((61, 67), (62, 66), (63, 65)),
    ),
}
# The mesh point that stands for each of the 68, in their order: jaw from the right ear to the left,
# right and left brow, bridge and base of the nose, right and left eye, outer lips, inner lips. For
# eyes, nose and lips it is the same place on the face; for jaw and brows, whose labels follow no
# fixed place, the vertex that was nearest on average over landmarks_300w train, the same on both
# sides.
MESH_TO_68 = (
    *(127, 227, 177, 215, 172, 136, 149, 148, 152, 377, 378, 365, 397, 435, 401, 447, 356),
    *(70, 63, 105, 66, 55, 285, 296, 334, 293, 300),
    *(168, 197, 5, 1, 98, 97, 2, 326, 327),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)


def mesh_as_68(landmarks: F32) -> F32:
    """The mesh's points that stand for dlib's 68: (n, 468, 3) to (n, 68, 2), by `MESH_TO_68`."""
    return landmarks[:, MESH_TO_68, :2]
