"""Quiet synthetic sound for stretches in which nobody speaks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rendering.errors import ScreenplayError
from rendering.narration import SAMPLES_PER_SECOND

FADE_SECONDS = 0.4
NOISE_SEED = 20150211


def sound_bed(kind: str, num_samples: int) -> NDArray[np.float32]:
    """Make a bed that fades in and out.

    Returns:
        ``(num_samples,)`` float32, well below the level of speech.

    Raises:
        ScreenplayError: No bed has this name.
    """
    if kind not in _BEDS:
        raise ScreenplayError(f"unknown sound {kind!r}; known: {', '.join(_BEDS)}")
    seconds = np.arange(num_samples) / SAMPLES_PER_SECOND
    ramp = np.minimum(seconds, seconds[::-1]) / FADE_SECONDS
    return np.asarray(_BEDS[kind](seconds) * np.minimum(ramp, 1.0), dtype=np.float32)


def _tone(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    chord = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (110.0, 164.81, 220.0, 277.18))
    swell = 0.75 + 0.25 * np.sin(2 * np.pi * 0.2 * seconds)
    return np.asarray(0.018 * chord * swell)


def _wind(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    gust = 0.6 + 0.4 * np.sin(2 * np.pi * 0.15 * seconds)
    return np.asarray(0.035 * _soft_noise(seconds.size, 90) * gust)


def _purr(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    beat = 0.5 + 0.5 * np.sin(2 * np.pi * 24.0 * seconds)
    return np.asarray(0.035 * _soft_noise(seconds.size, 160) * beat)


def _soft_noise(num_samples: int, smoothing_samples: int) -> NDArray[np.float64]:
    noise = np.random.default_rng(NOISE_SEED).standard_normal(num_samples)
    kernel = np.hanning(smoothing_samples)
    smooth = np.convolve(noise, kernel / np.linalg.norm(kernel), mode="same")
    return np.asarray(smooth)


_BEDS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tone": _tone,
    "wind": _wind,
    "purr": _purr,
}
