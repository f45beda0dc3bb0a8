"""What is said and heard: subtitles first, and speech where those say nothing."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from indexer.allocator import give_back
from indexer.findings import Finding, read_findings, spell_findings
from indexer.media import MediaInfo, audio_chunks
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.payloads import pack, unpack
from indexer.report import EventState, Listener
from indexer.speech import SpeechMode, listen, speech_skip_reason, sum_up, where_to_listen
from indexer.subtitles import gather_subtitles
from indexer.transcripts import from_json, to_json
from indexer.workbook import Workbook
from store.timespan import TimeSpan
from store.unheard import SUBTITLED

Chunk = tuple[float, NDArray[np.float32]]


class _AbandonedError(Exception):
    """Nobody wants the rest; not a short end of the track, which would make a short piece."""


def found_by(book: Workbook, *stages: str) -> list[Finding]:
    """Read what some stages that end in findings found."""
    return [finding for stage in stages for finding in findings_of(book.found(stage)[0])]


def findings_of(payload: bytes) -> list[Finding]:
    """Read what a stage that ends in findings found."""
    values, _ = unpack(payload)
    return read_findings(values["findings"])


def read_subtitles(
    path: Path, beside: Path, media: MediaInfo, book: Workbook, listener: Listener
) -> None:
    """Run the subtitles stage where it has not finished.

    Args:
        path: Of the media file.
        beside: Of the copy of it whose neighbours count.
        media: What it says about itself.
        book: Its stages.
        listener: Told when they are read.
    """
    if not book.must_run("subtitles"):
        return
    work = book.begin("subtitles")
    with book.watch.running("subtitles"):
        reading = gather_subtitles(path, media, beside=beside)
    skips = [skip.reason for skip in reading.skips]
    work.finish(pack({"findings": spell_findings(reading.findings), "skips": skips}))
    listener.tell("subtitles", EventState.FINISHED, media.duration_seconds)


def hear(
    path: Path,
    media: MediaInfo,
    book: Workbook,
    models: IndexerModels,
    options: IndexOptions,
    listener: Listener,
    abandoned: Event,
) -> None:
    """Run the speech stage where it has not finished; every piece that was heard is kept at once.

    Args:
        path: Of the media file.
        media: What it says about itself.
        book: Its stages.
        models: To listen with.
        options: Those in force.
        listener: Told how far it is.
        abandoned: Set when nobody wants the result any more; the stage then stays unfinished.
    """
    if not book.must_run("speech"):
        return
    work = book.begin("speech")
    subtitles = findings_of(book.found("subtitles")[0])
    spoken = options.language or media.audio_language
    within = where_to_listen(
        options.speech, subtitles, spoken, media.duration_seconds, options.longest_unheard_seconds
    )
    reason = _silence_reason(media, within, spoken, models, options)
    if reason:
        work.finish(pack({"findings": [], "skips": [reason]}))
        return
    with book.watch.running("models"):
        recogniser = models.speech_recogniser.get()
    with book.watch.running("speech"):
        heard = [from_json(unpack(part)[0]) for part in work.left]
        chunks = _heard(audio_chunks(path), listener, abandoned)
        try:
            for piece in listen(chunks, recogniser, within, options.language, heard):
                work.add(pack(to_json(piece)))
                heard.append(piece)
                give_back()
        except _AbandonedError:
            return
        transcript = sum_up(heard, recogniser.languages)
    skips = [transcript.skip_reason] if transcript.skip_reason else []
    work.finish(pack({"findings": spell_findings(transcript.findings), "skips": skips}))
    listener.tell("speech", EventState.FINISHED, media.duration_seconds)


def _silence_reason(
    media: MediaInfo,
    within: Sequence[TimeSpan] | None,
    spoken: str | None,
    models: IndexerModels,
    options: IndexOptions,
) -> str:
    """Say why nobody listens; empty when somebody should."""
    if not media.has_sound:
        return "no sound track"
    if options.speech is SpeechMode.OFF:
        return "switched off"
    if within is not None and not within:
        return SUBTITLED
    return speech_skip_reason(spoken, models.speech_languages)


def _heard(chunks: Iterable[Chunk], listener: Listener, abandoned: Event) -> Iterator[Chunk]:
    listener.tell("speech", EventState.STARTED)
    for start_seconds, samples in chunks:
        if abandoned.is_set():
            raise _AbandonedError
        listener.tell("speech", EventState.PROGRESS, start_seconds)
        yield start_seconds, samples
