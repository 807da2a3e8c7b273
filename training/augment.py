"""Random augmentation of face crops with webcam effects.

Framing, light, blur, motion blur, noise, compression and cutout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from training.vp8 import vp8

Crops = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """Strength of each effect; each `p_` is the probability that it is applied to a crop.

    Attributes:
        turn_deg: standard deviation of the rotation.
        scale: standard deviation of the log scale.
        stretch: standard deviation of the log aspect ratio.
        shift: standard deviation of the shift, relative to the crop's side.
        gamma: standard deviation of the log gamma.
        contrast: standard deviation of the log contrast.
        brightness: standard deviation of the brightness offset, in gray levels.
        tint: standard deviation of the log gain of blue, and inversely of red.
        motion_px: maximum length of motion blur.
        noise: maximum standard deviation of the noise, in gray levels.
    """

    turn_deg: float = 7.0
    scale: float = 0.06
    stretch: float = 0.03
    shift: float = 0.03
    p_light: float = 0.7
    gamma: float = 0.25
    contrast: float = 0.2
    brightness: float = 15.0
    tint: float = 0.06
    p_coarse: float = 0.2
    p_blur: float = 0.15
    p_motion: float = 0.1
    motion_px: float = 5.0
    p_noise: float = 0.25
    noise: float = 8.0
    p_jpeg: float = 0.1
    p_vp8: float = 0.15
    p_cutout: float = 0.3
    p_flip: float = 0.5


def without_camera_effects(config: Augment) -> Augment:
    """Only framing, light and cutout, as is common in published work on FER-2013."""
    none = {"p_coarse": 0.0, "p_blur": 0.0, "p_motion": 0.0, "p_noise": 0.0}
    return replace(config, **none, p_jpeg=0.0, p_vp8=0.0)


def augment(crops: Crops, side_px: int, config: Augment, rng: np.random.Generator) -> Crops:
    """Augmented copies of crops that were cut with a margin.

    Args:
        crops: (n, s, s, c) uint8, s at least `side_px`; the centre is the unshifted framing.
        side_px: side of the result.
        config: effects and their strength.
        rng: random generator.

    Returns:
        (n, side_px, side_px, c) uint8.
    """
    n, _, _, channels = crops.shape
    out = np.empty((n, side_px, side_px, channels), np.uint8)
    matrices = framing(n, crops.shape[1], side_px, config, rng)
    draws = rng.random((n, 7))
    for i in range(n):
        crop = cv2.warpAffine(
            crops[i],
            matrices[i],
            (side_px, side_px),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        light, coarse, blur, motion, noise, jpeg, cutout = draws[i]
        if cutout < config.p_cutout:
            cut_out(crop, rng)
        if light < config.p_light:
            crop = cv2.LUT(crop, light_table(channels, config, rng))
        if coarse < config.p_coarse:
            crop = coarsen(crop, rng.uniform(0.4, 0.9))
        if blur < config.p_blur:
            crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.3, 1.1))
        if motion < config.p_motion:
            kernel = motion_kernel(rng.uniform(2, config.motion_px), rng.uniform(0, np.pi))
            crop = cv2.filter2D(crop, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        if noise < config.p_noise:
            # OpenCV drops the axis of a single channel.
            crop = crop.reshape(side_px, side_px, channels)
            crop = add_noise(crop, rng.uniform(1, config.noise), rng)
        if jpeg < config.p_jpeg:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))]
            packed = cv2.imencode(".jpg", crop, quality)[1]
            crop = cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)
        out[i] = crop.reshape(side_px, side_px, channels)
    # Last, because the browser encodes what the camera delivers; in one call, see `vp8`.
    streamed = rng.random(n) < config.p_vp8
    out[streamed] = vp8(out[streamed], rng)
    return out


def framing(
    n: int, from_px: int, to_px: int, config: Augment, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Random affine maps (n, 2, 3) from pixels of the result to pixels of the wider crop."""
    angle = np.deg2rad(rng.normal(0, config.turn_deg, n))
    scale = np.exp(rng.normal(0, config.scale, n))
    stretch = np.exp(rng.normal(0, config.stretch / 2, n))
    flip = np.where(rng.random(n) < config.p_flip, -1, 1)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    a = np.empty((n, 2, 2))
    a[:, 0, 0], a[:, 0, 1] = cos * stretch * flip, -sin / stretch
    a[:, 1, 0], a[:, 1, 1] = sin * stretch * flip, cos / stretch
    centre = (from_px - 1) / 2 + rng.normal(0, config.shift * to_px, (n, 2))
    offset = centre - a @ np.full(2, (to_px - 1) / 2)
    matrices: NDArray[np.float32] = np.concatenate([a, offset[:, :, None]], 2).astype(np.float32)
    return matrices


def light_table(channels: int, config: Augment, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A lookup table (1, 256, c): random gamma, contrast, brightness and, in colour, a tint."""
    level = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, config.gamma))
    level = (level * 255 - 127) * np.exp(rng.normal(0, config.contrast)) + 127
    level += rng.normal(0, config.brightness)
    gain = np.ones(1)
    if channels == 3:
        # White balance errors are mostly warm or cold, rarely green or magenta.
        warm = rng.normal(0, config.tint)
        gain = np.exp(rng.normal([-warm, 0, warm], config.tint / 4))
    table: NDArray[np.uint8] = np.clip(level[None, :, None] * gain, 0, 255).astype(np.uint8)
    return table


def coarsen(crop: Crops, scale: float) -> Crops:
    """Reduce a crop's resolution by the factor `scale`, 0 to 1; its size stays the same."""
    side = crop.shape[0]
    small = max(8, round(side * scale))
    tiny = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(tiny, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def motion_kernel(length_px: float, angle: float) -> NDArray[np.float32]:
    """A motion blur kernel (k, k) along a line through its centre; sums to one.

    Args:
        length_px: length of the blur.
        angle: direction in radians.
    """
    half = math.ceil(length_px / 2)
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    along = np.abs(x * np.cos(angle) + y * np.sin(angle))
    across = np.abs(y * np.cos(angle) - x * np.sin(angle))
    line = np.clip(length_px / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1)
    kernel: NDArray[np.float32] = (line / line.sum()).astype(np.float32)
    return kernel


def add_noise(crop: Crops, strength: float, rng: np.random.Generator) -> Crops:
    """Add sensor noise with a mean standard deviation of `strength` gray levels to (h, w, c).

    The noise is mostly shared by all channels, blurred in half of the cases as by a camera's
    denoising, and stronger in dark areas, where gain is higher.
    """
    h, w, channels = crop.shape
    grain = rng.standard_normal((h, w, 1), np.float32)
    if channels > 1:
        per_channel = rng.standard_normal((h, w, channels), np.float32)
        grain = 0.9 * grain + 0.44 * per_channel  # keeps unit variance
    if rng.random() < 0.5:
        # This blur reduces white noise to 0.44 of its standard deviation.
        smooth = cv2.GaussianBlur(grain, (0, 0), 0.65).reshape(crop.shape)
        grain = np.divide(smooth, 0.44, dtype=np.float32)
    level = crop.mean(axis=2, keepdims=True) / 255
    noisy: Crops = np.clip(crop + grain * strength * (1.3 - 0.6 * level), 0, 255).astype(np.uint8)
    return noisy


def cut_out(crop: Crops, rng: np.random.Generator) -> None:
    """Fill a random rectangle with a random colour, in place."""
    side = crop.shape[0]
    h, w = rng.integers(side // 8, side * 5 // 12, 2)
    y, x = rng.integers(-h // 2, side - h // 2), rng.integers(-w // 2, side - w // 2)
    patch = crop[max(0, y) : y + h, max(0, x) : x + w]
    patch[:] = rng.integers(0, 256, crop.shape[2:]) if crop.ndim > 2 else rng.integers(0, 256)
