"""Where a stretch of sound can be divided with the least harm."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import Stretch

SAMPLE_RATE_HERTZ = 16_000

_MOMENT_SECONDS = 0.1


def quietest_sample(samples: NDArray[np.float32], search_seconds: float) -> int:
    """Find the middle of the quietest tenth of a second near the end.

    Args:
        samples: ``(T,)`` mono at 16 kHz, at least ``search_seconds`` long.
        search_seconds: How far back from the end to look.

    Returns:
        A position in ``samples``, greater than 0 and less than ``T``.
    """
    moment = round(_MOMENT_SECONDS * SAMPLE_RATE_HERTZ)
    num_moments = int(search_seconds / _MOMENT_SECONDS)
    first = len(samples) - num_moments * moment
    tail = samples[first:].reshape(num_moments, moment)
    return first + int(np.argmin(np.square(tail).mean(axis=1))) * moment + moment // 2


def longest_pause(voice: Sequence[Stretch], num_samples: int) -> Stretch | None:
    """Return the longest stretch without voice; ``None`` where there is none to speak of.

    Args:
        voice: In time order without overlap.
        num_samples: Length of the sound.
    """
    bounds = [0, *(bound for stretch in voice for bound in (stretch.start, stretch.end))]
    pauses = [
        Stretch(start, end)
        for start, end in zip(bounds[::2], [*bounds[1::2], num_samples], strict=True)
    ]
    longest = max(pauses, key=lambda pause: pause.end - pause.start)
    is_short = longest.end - longest.start < 2 * _MOMENT_SECONDS * SAMPLE_RATE_HERTZ
    return None if is_short else longest
