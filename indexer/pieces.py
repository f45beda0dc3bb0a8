"""A track cut into pieces that can be heard one by one, in any run, with the same words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import Stretch
from indexer.silence import SAMPLE_RATE_HERTZ, longest_pause, quietest_sample
from store.timespan import TimeSpan

Samples = NDArray[np.float32]
FindVoice = Callable[[Samples], Sequence[Stretch]]

# Long enough to hear which language is spoken; 2 minutes are 8 MB and some seconds of work.
PIECE_SECONDS = 120.0
# A piece ends in the longest pause of its last seconds.
_SEARCH_SECONDS = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a track between two pauses.

    Attributes:
        index: Counted from the start of the track.
        start_seconds: Presentation time of the first sample.
        samples: ``(T,)`` mono float32 at 16 kHz.
    """

    index: int
    start_seconds: float
    samples: Samples

    @property
    def span(self) -> TimeSpan:
        """When it is heard."""
        seconds = len(self.samples) / SAMPLE_RATE_HERTZ
        return TimeSpan(self.start_seconds, self.start_seconds + seconds)


def pieces(chunks: Iterable[tuple[float, Samples]], find_voice: FindVoice) -> Iterator[Piece]:
    """Join chunks to pieces of up to two minutes that end where nobody speaks.

    Where a piece ends depends on the sound alone: not on how long the chunks are, nor on what was
    heard in earlier pieces, nor on where an earlier run stopped.

    Args:
        chunks: Presentation time of the first sample and ``(T,)`` mono float32 samples at 16 kHz,
            in order and without gaps.
        find_voice: Finds where somebody speaks.
    """
    piece_samples = round(PIECE_SECONDS * SAMPLE_RATE_HERTZ)
    waiting: list[Samples] = []
    num_waiting = num_taken = index = 0
    origin_seconds = 0.0
    for chunk_seconds, samples in chunks:
        if not waiting and not num_taken:
            origin_seconds = chunk_seconds
        waiting.append(samples)
        num_waiting += len(samples)
        while num_waiting >= piece_samples:
            joined = np.concatenate(waiting)
            end = _end_of_piece(joined[:piece_samples], find_voice)
            yield Piece(index, origin_seconds + num_taken / SAMPLE_RATE_HERTZ, joined[:end])
            index, num_taken = index + 1, num_taken + end
            waiting = [joined[end:]]
            num_waiting = len(waiting[0])
    if num_waiting:
        start_seconds = origin_seconds + num_taken / SAMPLE_RATE_HERTZ
        yield Piece(index, start_seconds, np.concatenate(waiting))


def _end_of_piece(samples: Samples, find_voice: FindVoice) -> int:
    """Find the quietest moment of the longest pause; of all the tail where there is no pause."""
    search_samples = round(_SEARCH_SECONDS * SAMPLE_RATE_HERTZ)
    tail = samples[-search_samples:]
    pause = longest_pause(find_voice(tail), len(tail)) or Stretch(0, len(tail))
    first = len(samples) - len(tail)
    pause_seconds = (pause.end - pause.start) / SAMPLE_RATE_HERTZ
    return first + pause.start + quietest_sample(tail[pause.start : pause.end], pause_seconds)
