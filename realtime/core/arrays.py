"""Array types, and the check of dtypes and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Frame = NDArray[np.uint8]  # (h, w, 3) BGR


def check_array(
    name: str, array: NDArray[Any], dtype: type[np.generic], wanted: tuple[int | None, ...]
) -> None:
    """Raise where an array does not have this dtype and shape; None stands for any size.

    Raises:
        ValueError: the message names what is there and what is expected.
    """
    if array.dtype.type is dtype and array.shape == wanted:
        return  # nearly always, several times a frame
    if array.dtype != dtype:
        raise ValueError(f"{name} has dtype {array.dtype}, expected {np.dtype(dtype)}")
    fits = array.ndim == len(wanted) and all(
        w is None or s == w for s, w in zip(array.shape, wanted, strict=True)
    )
    if not fits:
        raise ValueError(f"{name} has shape {array.shape}, expected {_shape_text(wanted)}")


def _shape_text(shape: tuple[int | None, ...]) -> str:
    inner = ", ".join("any" if s is None else str(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
