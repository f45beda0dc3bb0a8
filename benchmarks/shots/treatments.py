"""What makes shots awkward for detectors; none of it is a cut.

Each treatment takes one shot, ``(N, H, W, 3)`` uint8 RGB at 25 frames a second, and a generator,
and returns as many pictures of the same size.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Shot = NDArray[np.uint8]
Treatment = Callable[[Shot, np.random.Generator], Shot]


def plain(shot: Shot, generator: np.random.Generator) -> Shot:
    """Leave the shot alone."""
    del generator
    return shot


def flashes(shot: Shot, generator: np.random.Generator) -> Shot:
    """Fire a photographer's flash one to three times: one to three frames all but white."""
    lit = shot.copy()
    for start in generator.integers(3, max(4, len(shot) - 6), generator.integers(1, 4)):
        for offset, power in enumerate((0.9, 0.5, 0.2)[: generator.integers(1, 4)]):
            if start + offset < len(lit):
                lit[start + offset] = _toward(lit[start + offset], 255, power)
    return lit


def strobe(shot: Shot, generator: np.random.Generator) -> Shot:
    """Let a club's lamp go on and off every two to four frames for a while."""
    lit = shot.copy()
    period = int(generator.integers(2, 5))
    start = int(generator.integers(0, max(1, len(shot) - 2 * period)))
    end = start + int(generator.integers(20, 50))
    for index in range(start, min(end, len(shot))):
        if (index - start) // period % 2:
            lit[index] = _toward(lit[index], 0, 0.75)
    return lit


def lamp(shot: Shot, generator: np.random.Generator) -> Shot:
    """Dim the light to less than half over half a second, for a second, and bring it back."""
    start = int(generator.integers(0, max(1, len(shot) - 50)))
    frames = np.arange(len(shot)) - start
    depth = 0.6 * np.clip(np.minimum(frames / 12, (50 - frames) / 12), 0, 1)
    return np.stack([_toward(shot[i], 0, float(depth[i])) for i in range(len(shot))])


def handheld(shot: Shot, generator: np.random.Generator) -> Shot:
    """Shake the camera: a smoothed random walk over a tenth of the picture, with jerks."""
    pushes = generator.normal(0, 1, (len(shot), 2))
    pushes[generator.random(len(shot)) < 0.04] *= 6
    walk = np.zeros((len(shot), 2))
    for index in range(1, len(shot)):
        walk[index] = 0.85 * walk[index - 1] + pushes[index]
    shares = np.clip(0.5 + walk / 12, 0, 1)
    return _windows(shot, shares, 0.8)


def whip_pan(shot: Shot, generator: np.random.Generator) -> Shot:
    """Tear the camera to the side, over one and a half widths of a mirrored panorama."""
    duration = int(generator.integers(7, 16))
    start = int(generator.integers(0, max(1, len(shot) - duration)))
    way = np.clip((np.arange(len(shot)) - start) / duration, 0, 1)
    way = way * way * (3 - 2 * way)
    width = shot.shape[2]
    panned = []
    for index, share in enumerate(way):
        picture = shot[index]
        wide = np.concatenate([picture, picture[:, ::-1], picture], axis=1)
        left = round(float(share) * 1.5 * width)
        panned.append(wide[:, left : left + width])
    return np.stack(panned)


def still(shot: Shot, generator: np.random.Generator) -> Shot:
    """Show one picture all along."""
    return np.repeat(shot[generator.integers(len(shot))][None], len(shot), axis=0)


def zoom(shot: Shot, generator: np.random.Generator) -> Shot:
    """Zoom in, or out, by a half."""
    sizes = np.linspace(1.0, 0.65, len(shot))
    if generator.random() < 0.5:
        sizes = sizes[::-1]
    middle = np.full((1, 2), 0.5)
    return np.concatenate(
        [_windows(shot[i : i + 1], middle, float(size)) for i, size in enumerate(sizes)]
    )


TREATMENTS: Mapping[str, Treatment] = {
    "plain": plain,
    "flashes": flashes,
    "strobe": strobe,
    "lamp": lamp,
    "handheld": handheld,
    "whip_pan": whip_pan,
    "still": still,
    "zoom": zoom,
}
SHARES = (0.44, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08)


def monochrome(shot: Shot) -> Shot:
    """Take the colour out."""
    grey = (shot @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def night(shot: Shot) -> Shot:
    """Leave a fifth of the light, and noise of a sensor at its limit."""
    noise = np.random.default_rng(len(shot)).normal(0, 2.0, shot.shape).astype(np.float32)
    return np.clip(shot * np.float32(0.2) + noise, 0, 255).astype(np.uint8)


LOOKS: Mapping[str, Callable[[Shot], Shot]] = {
    "colour": lambda shot: shot,
    "monochrome": monochrome,
    "night": night,
}


def _toward(picture: NDArray[np.uint8], level: int, share: float) -> NDArray[np.uint8]:
    blended: NDArray[np.uint8] = np.round(picture * (1 - share) + level * share).astype(np.uint8)
    return blended


def _windows(shot: Shot, shares: NDArray[np.float64], size: float) -> Shot:
    """Cut a window out of every picture and blow it up.

    Args:
        shot: ``(N, H, W, 3)``.
        shares: ``(N, 2)`` place of the window between top left (0, 0) and bottom right (1, 1).
        size: Side of the window over the side of the picture.
    """
    height, width = shot.shape[1:3]
    high, wide = round(height * size), round(width * size)
    taken = []
    for picture, (down, right) in zip(shot, shares, strict=True):
        top, left = round(float(down) * (height - high)), round(float(right) * (width - wide))
        window = picture[top : top + high, left : left + wide]
        taken.append(cv2.resize(window, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.stack(taken).astype(np.uint8)
