"""Where a stretch of sound can be divided with the least harm."""

import numpy as np
from numpy.typing import NDArray

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
