"""Where somebody speaks: the Silero detector that faster-whisper carries."""

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from indexer.interfaces import Stretch
from indexer.silence import SAMPLE_RATE_HERTZ, quietest_sample

_VOICE = VadOptions(
    min_speech_duration_ms=250,
    min_silence_duration_ms=500,
    speech_pad_ms=200,
)
# The detector keeps a state that long music dulls: begun anew every quarter of a minute it finds
# twice the dialogue of a scored film, and no more where nobody speaks.
_DETECTOR_SAMPLES = 15 * SAMPLE_RATE_HERTZ
_SEARCH_SECONDS = 5.0


def find_voice(samples: NDArray[np.float32]) -> list[Stretch]:
    """List the stretches of speech; one longer than a quarter of a minute comes in parts.

    Args:
        samples: ``(T,)`` float32 in ``[-1, 1]``, mono at 16 kHz.
    """
    stretches = []
    start = 0
    while start < len(samples):
        part = samples[start : start + _DETECTOR_SAMPLES]
        if len(part) == _DETECTOR_SAMPLES:
            part = part[: quietest_sample(part, _SEARCH_SECONDS)]
        found = get_speech_timestamps(part, _VOICE, sampling_rate=SAMPLE_RATE_HERTZ)
        stretches += [
            Stretch(start + int(span["start"]), start + int(span["end"])) for span in found
        ]
        start += len(part)
    return stretches
