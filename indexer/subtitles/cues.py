"""A cue as its file states it, before it has a place in a video."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cue:
    """Text with times, as stated: these may be negative, reversed or past the end.

    Attributes:
        text: One or more lines, with the markup of SubRip and WebVTT.
        speaker: As the format states it beside the text.
    """

    start_seconds: float
    end_seconds: float
    text: str
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class CueList:
    """What one file or track holds.

    Attributes:
        cues: In the order of the file.
        faults: What is wrong, in words that follow a number, to how often it was found; cues with
            a fault are not among ``cues``.
    """

    cues: tuple[Cue, ...]
    faults: Counter[str] = field(default_factory=Counter)


NO_TIMES = "without readable times"
TOO_MANY = "beyond the first 50,000"
MAX_CUES = 50_000
