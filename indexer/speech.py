"""Listening to a whole track in pieces: resumable, and memory does not grow with its length."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from indexer.gaps import LONGEST_UNHEARD_SECONDS, gaps
from indexer.interfaces import SpeechRecogniser, Stretch, Transcript
from indexer.loops import without_loops
from indexer.media.languages import short_language
from indexer.pieces import Piece, pieces
from indexer.recognisers.languages import heard_language
from indexer.silence import SAMPLE_RATE_HERTZ
from indexer.transcripts import PieceTranscript
from store.records import EvidenceKind
from store.timespan import TimeSpan
from store.unheard import PARTLY

Samples = NDArray[np.float32]

# A piece of which less is understood is taken to be in another language.
_MIN_UNDERSTOOD_SHARE = 0.5
# Where so many seconds were not understood for each one that was, that one was an accident.
_REFUSED_PER_CLEAR = 3.0
# Less voice than this, in seconds and as a share of what was listened to, is grunts, cheers and
# music: no one misses a word of it.
_MIN_MISSED_SECONDS = 3.0
_MIN_MISSED_SHARE = 0.03
# So much voice is heard before it is settled which language a video is spoken in.
_SETTLING_SECONDS = 60.0
_MOST_LISTED = 5
_REMEDY = (
    "put a subtitle file beside the video, or name the language with --language and use a profile "
    "whose speech model knows it"
)


class SpeechMode(StrEnum):
    """Where speech is recognised: nowhere, where subtitles leave a gap, or everywhere.

    A video without subtitles is one gap.
    """

    OFF = "off"
    GAPS = "gaps"
    ALL = "all"


def speech_skip_reason(audio_language: str | None, languages: frozenset[str]) -> str:
    """Say why a model should not listen to a track; empty when it should.

    Args:
        audio_language: As the container or a person names it; ``None`` where nobody does.
        languages: ISO 639-1 codes that the model hears.
    """
    if heard_language(audio_language) in (None, *languages):
        return ""
    marked = short_language(audio_language)
    return (
        f"the sound is marked as '{marked}' and the speech model knows only "
        f"{_listed(languages)}; {_REMEDY}"
    )


def where_to_listen(
    mode: SpeechMode,
    subtitles: Sequence[Finding],
    spoken: str | None,
    duration_seconds: float,
    longest_unheard_seconds: float = LONGEST_UNHEARD_SECONDS,
) -> list[TimeSpan] | None:
    """Choose where speech is to be recognised.

    Subtitles in a foreign language do not count where it is known what is spoken: a search in the
    language of the film would not find its words in them. Subtitles whose language nobody states
    count, and where it is not known what is spoken all do.

    Args:
        mode: What was asked for.
        subtitles: Findings of the subtitle files and tracks; other kinds than ``subtitle`` are
            marks, not words, and do not count.
        spoken: Language of the sound as the container or a person names it.
        duration_seconds: Of the video.
        longest_unheard_seconds: See ``gaps``.

    Returns:
        Spans in video time; empty for nowhere, ``None`` for everywhere.
    """
    if mode is not SpeechMode.GAPS:
        return None if mode is SpeechMode.ALL else []
    language = heard_language(spoken)
    counting = [
        finding.span
        for finding in subtitles
        if finding.kind is EvidenceKind.SUBTITLE
        and (language is None or heard_language(finding.language) in (None, language))
    ]
    if not counting:
        return None
    return gaps(counting, duration_seconds, longest_unheard_seconds)


def listen(
    chunks: Iterable[tuple[float, Samples]],
    recogniser: SpeechRecogniser,
    within: Sequence[TimeSpan] | None,
    language: str | None = None,
    done: Sequence[PieceTranscript] = (),
) -> Iterator[PieceTranscript]:
    """Hear a track piece by piece, passing over the pieces that an earlier run has heard.

    What is yielded after ``done`` equals what one undisturbed run would yield: save each piece as
    it comes, and after a crash give the saved ones back.

    Args:
        chunks: Presentation time of the first sample and ``(T,)`` mono float32 samples at 16 kHz,
            of the whole track, in order and without gaps.
        recogniser: Hears pieces one after another.
        within: Where to listen, in video time; ``None`` for everywhere.
        language: What a person says is spoken; ``None`` to find out.
        done: Pieces ``0 .. n-1`` of the same track, heard with the same arguments.
    """
    heard = list(done)
    for piece in pieces(chunks, recogniser.find_voice):
        if piece.index < len(done):
            continue
        spoken = heard_language(language) or spoken_language(heard)
        heard.append(hear_piece(piece, recogniser, within, spoken))
        yield heard[-1]


def hear_piece(
    piece: Piece,
    recogniser: SpeechRecogniser,
    within: Sequence[TimeSpan] | None,
    language: str | None,
) -> PieceTranscript:
    """Hear one piece; what came before changes nothing but ``language``.

    Args:
        piece: Of the track.
        recogniser: Hears it, unless there is nothing to be heard in it.
        within: Where to listen, in video time; ``None`` for everywhere.
        language: What to decode as; ``None`` to find out from this piece.
    """
    if within is not None and not any(piece.span.overlaps(span) for span in within):
        return PieceTranscript(piece.index, piece.span)
    voice = _limited(recogniser.find_voice(piece.samples), piece.start_seconds, within)
    if not voice:
        return PieceTranscript(piece.index, piece.span)
    heard = recogniser.transcribe(piece.samples, piece.start_seconds, voice, language)
    is_refused = heard.clear_seconds < _MIN_UNDERSTOOD_SHARE * heard.voice_seconds
    return PieceTranscript(
        index=piece.index,
        span=piece.span,
        findings=() if is_refused else heard.findings,
        language=heard.language,
        language_probability=heard.language_probability,
        voice_seconds=heard.voice_seconds,
        clear_seconds=heard.clear_seconds,
        is_refused=is_refused,
    )


def spoken_language(heard: Iterable[PieceTranscript]) -> str | None:
    """Settle which language a video is spoken in; ``None`` until a minute of voice was heard.

    Args:
        heard: Pieces in order from the start; those that found their language out vote with their
            voice and their certainty.
    """
    votes: defaultdict[str, float] = defaultdict(float)
    voice_seconds = 0.0
    for transcript in heard:
        if transcript.language is None or transcript.language_probability is None:
            continue
        votes[transcript.language] += transcript.voice_seconds * transcript.language_probability
        voice_seconds += transcript.voice_seconds
        if voice_seconds >= _SETTLING_SECONDS:
            return max(sorted(votes), key=lambda language: votes[language])
    return None


def sum_up(heard: Sequence[PieceTranscript], languages: frozenset[str]) -> Transcript:
    """Join what was heard in all pieces of a track.

    A piece that the recogniser did not understand adds nothing, and is told where much was lost.
    Where almost all were such, nothing is kept: a model that does not know a language now and then
    believes it does.

    Args:
        heard: Every piece, in order.
        languages: ISO 639-1 codes that the model hears, for the reason.
    """
    refused_seconds = sum(each.voice_seconds for each in heard if each.is_refused)
    clear_seconds = sum(each.clear_seconds for each in heard if not each.is_refused)
    reason = _refusal(heard, refused_seconds, languages)
    if refused_seconds and refused_seconds >= _REFUSED_PER_CLEAR * clear_seconds:
        return Transcript((), reason)
    findings = without_loops([finding for each in heard for finding in each.findings])
    return Transcript(tuple(findings), reason and PARTLY + reason)


def _limited(
    voice: Sequence[Stretch], start_seconds: float, within: Sequence[TimeSpan] | None
) -> list[Stretch]:
    """Keep what lies in the spans to listen to."""
    if within is None:
        return list(voice)
    kept = []
    for stretch in voice:
        for span in sorted(within):
            start = round((span.start_seconds - start_seconds) * SAMPLE_RATE_HERTZ)
            end = round((span.end_seconds - start_seconds) * SAMPLE_RATE_HERTZ)
            clipped = Stretch(max(stretch.start, start), min(stretch.end, end))
            if clipped.end > clipped.start:
                kept.append(clipped)
    return kept


def _refusal(
    heard: Sequence[PieceTranscript], refused_seconds: float, languages: frozenset[str]
) -> str:
    """Say what was not understood; nothing where it is too little to be missed."""
    listened_seconds = sum(each.span.duration_seconds for each in heard)
    if refused_seconds < max(_MIN_MISSED_SECONDS, _MIN_MISSED_SHARE * listened_seconds):
        return ""
    voice_seconds = sum(each.voice_seconds for each in heard)
    taken_for = sorted({each.language for each in heard if each.is_refused and each.language})
    return (
        f"{refused_seconds:.0f} of {voice_seconds:.0f} s that may be speech make no sense as "
        f"{' or '.join(repr(language) for language in taken_for)}, and the speech model knows "
        f"{_listed(languages)}; {_REMEDY}"
    )


def _listed(languages: frozenset[str]) -> str:
    if len(languages) > _MOST_LISTED:
        return f"{len(languages)} languages"
    return ", ".join(f"'{language}'" for language in sorted(languages))
