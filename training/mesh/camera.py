"""What a camera does to a crop: light, sharpness, noise and compression."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.augment import Augment, coarsen, light_table, motion_kernel

Crop = NDArray[np.uint8]
# Its framing and cutout are not used.
CAMERA = Augment(p_coarse=0.25, p_noise=0.25, noise=10.0, p_jpeg=0.12)
P_GRAY = 0.08
BANK = 512  # side of the pictures of noise; a crop takes a part, as new noise takes 4 times as long


def look(crop: Crop, rng: np.random.Generator) -> Crop:
    """Light, colour, sharpness and motion: what stays the same from one frame to the next."""
    light, coarse, blur, motion, gray = rng.random(5)
    if gray < P_GRAY:
        crop = np.asarray(
            cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
        )
    if light < CAMERA.p_light:
        crop = np.asarray(cv2.LUT(crop, light_table(3, CAMERA, rng)), np.uint8)
    if coarse < CAMERA.p_coarse:
        crop = coarsen(crop, rng.uniform(0.3, 0.9))
    if blur < CAMERA.p_blur:
        crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    if motion < CAMERA.p_motion:
        kernel = motion_kernel(rng.uniform(2, CAMERA.motion_px), rng.uniform(0, np.pi))
        crop = np.asarray(cv2.filter2D(crop, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8)
    return crop


def grain(crop: Crop, rng: np.random.Generator, *, always: bool = False) -> Crop:
    """Noise and compression, which differ from one frame to the next.

    Args:
        crop: (s, s, 3) uint8.
        rng: random generator.
        always: there is noise in any case.
    """
    noise, jpeg = rng.random(2)
    if always or noise < CAMERA.p_noise:
        crop = _noisy(crop, rng.uniform(1, CAMERA.noise), rng)
    if jpeg < CAMERA.p_jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))]
        crop = np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", crop, quality)[1], cv2.IMREAD_COLOR), np.uint8
        )
    return crop


def _noisy(crop: Crop, sigma: float, rng: np.random.Generator) -> Crop:
    """Add noise with standard deviation `sigma`, in gray levels; half of it as after denoising."""
    y, x = rng.integers(0, BANK - len(crop), 2)
    part = _noise()[int(rng.integers(2))][y : y + len(crop), x : x + len(crop)]
    return np.clip(crop + np.float32(sigma) * part + np.float32(0.5), 0, 255).astype(np.uint8)


@cache
def _noise() -> tuple[F32, F32]:
    """Pictures of noise with unit variance, mostly shared by the colours: raw and blurred."""
    rng = np.random.default_rng(0)
    raw = 0.9 * rng.standard_normal((BANK, BANK, 1)) + 0.44 * rng.standard_normal((BANK, BANK, 3))
    blurred = cv2.GaussianBlur(raw, (0, 0), 0.65)
    return raw.astype(np.float32), (blurred / blurred.std()).astype(np.float32)
