"""Listening to a whole track in pieces, so that memory does not grow with its length."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from indexer.interfaces import SpeechRecogniser, Transcript
from indexer.media.languages import short_language
from indexer.silence import SAMPLE_RATE_HERTZ, quietest_sample
from store.timespan import TimeSpan

Samples = NDArray[np.float32]

# Long enough to hear which language is spoken; 2 minutes are 8 MB.
_PIECE_SECONDS = 120.0
# A piece ends at the quietest moment of its last seconds.
_SEARCH_SECONDS = 20.0
# Where so many pieces were not understood for each one that was, that one was an accident.
_REFUSED_PER_ACCEPTED = 3


def speech_skip_reason(audio_language: str | None, languages: frozenset[str]) -> str:
    """Say why a model should not listen to a track; empty when it should.

    Args:
        audio_language: As the container or a person names it; ``None`` where nobody does.
        languages: ISO 639-1 codes that the model hears.
    """
    language = short_language(audio_language)
    if language is None or language in languages:
        return ""
    return (
        f"the sound is marked as '{language}' and the speech model knows only "
        f"{_listed(languages)}; put a subtitle file beside the video"
    )


def transcribe_track(
    chunks: Iterable[tuple[float, Samples]],
    recogniser: SpeechRecogniser,
    within: Sequence[TimeSpan] | None,
) -> Transcript:
    """Transcribe a track of any length; at most some minutes of it are in memory.

    A piece that the recogniser did not understand adds nothing. Where almost all were such, nothing
    is kept: a model that does not know a language now and then believes it does.

    Args:
        chunks: Presentation time of the first sample and ``(T,)`` mono float32 samples at 16 kHz,
            in order and without gaps.
        recogniser: Hears pieces one after another.
        within: Where to listen, in video time; ``None`` for everywhere.
    """
    findings: list[Finding] = []
    num_accepted = 0
    refusals: list[str] = []
    for start_seconds, samples in _pieces(chunks):
        if within is not None and not _is_wanted(start_seconds, len(samples), within):
            continue
        transcript = recogniser.transcribe(samples, start_seconds, within)
        findings.extend(transcript.findings)
        num_accepted += bool(transcript.findings)
        if transcript.skip_reason:
            refusals.append(transcript.skip_reason)
    if refusals and len(refusals) >= _REFUSED_PER_ACCEPTED * num_accepted:
        return Transcript((), _refusal(refusals, recogniser.languages))
    return Transcript(tuple(findings))


def _pieces(chunks: Iterable[tuple[float, Samples]]) -> Iterator[tuple[float, Samples]]:
    """Join chunks to pieces of about two minutes that end where it is quiet."""
    piece_samples = round(_PIECE_SECONDS * SAMPLE_RATE_HERTZ)
    waiting: list[Samples] = []
    num_waiting = 0
    start_seconds = 0.0
    for chunk_seconds, samples in chunks:
        if not num_waiting:
            start_seconds = chunk_seconds
        waiting.append(samples)
        num_waiting += len(samples)
        while num_waiting >= piece_samples:
            joined = np.concatenate(waiting)
            end = quietest_sample(joined[:piece_samples], _SEARCH_SECONDS)
            yield start_seconds, joined[:end]
            start_seconds += end / SAMPLE_RATE_HERTZ
            waiting = [joined[end:]]
            num_waiting = len(waiting[0])
    if num_waiting:
        yield start_seconds, np.concatenate(waiting)


def _is_wanted(start_seconds: float, num_samples: int, within: Sequence[TimeSpan]) -> bool:
    heard = TimeSpan(start_seconds, start_seconds + num_samples / SAMPLE_RATE_HERTZ)
    return any(heard.overlaps(span) for span in within)


def _refusal(refusals: Sequence[str], languages: frozenset[str]) -> str:
    more = f" (and {len(refusals) - 1} more pieces like it)" if len(refusals) > 1 else ""
    return (
        f"{refusals[0]}{more}, and the speech model knows only {_listed(languages)}; "
        "put a subtitle file beside the video"
    )


def _listed(languages: frozenset[str]) -> str:
    return ", ".join(f"'{language}'" for language in sorted(languages))
