"""What is said and heard: subtitles first, and speech where those say nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding, read_findings, spell_findings
from indexer.media import MediaInfo, audio_chunks
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.payloads import pack, unpack
from indexer.report import EventState, Listener
from indexer.sidecars import find_sidecars
from indexer.speech import speech_skip_reason, transcribe_track
from indexer.subtitles import read_sidecar
from indexer.workbook import Workbook
from store.records import EvidenceKind

Chunk = tuple[float, NDArray[np.float32]]


def findings_of(payload: bytes) -> list[Finding]:
    """Read what a stage that ends in findings found."""
    values, _ = unpack(payload)
    return read_findings(values["findings"])


def read_subtitles(path: Path, media: MediaInfo, book: Workbook, listener: Listener) -> None:
    """Run the subtitles stage where it has not finished."""
    if not book.must_run("subtitles"):
        return
    work = book.begin("subtitles")
    with book.watch.running("subtitles"):
        sidecars = find_sidecars(path)
        readings = [read_sidecar(sidecar, media.duration_seconds) for sidecar in sidecars]
    skips = [] if sidecars else ["no subtitle file beside the video"]
    for sidecar, reading in zip(sidecars, readings, strict=True):
        if reading.problem:
            skips.append(f"{sidecar.path.name}: {reading.problem}")
        elif reading.num_broken_cues:
            broken = f"{reading.num_broken_cues} broken cues were passed over"
            skips.append(f"{sidecar.path.name}: {broken}")
    found = [finding for reading in readings for finding in reading.findings]
    work.finish(pack({"findings": spell_findings(found), "skips": skips}))
    listener.tell("subtitles", EventState.FINISHED, media.duration_seconds)


def listen(
    path: Path,
    media: MediaInfo,
    book: Workbook,
    models: IndexerModels,
    options: IndexOptions,
    listener: Listener,
    abandoned: Event,
) -> None:
    """Run the speech stage where it has not finished.

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
    reason = _silence_reason(media, findings_of(book.found("subtitles")[0]), models, options)
    if reason:
        work.finish(pack({"findings": [], "skips": [reason]}))
        return
    with book.watch.running("models"):
        recogniser = models.speech_recogniser.get()
    with book.watch.running("speech"):
        chunks = _heard(audio_chunks(path), listener, abandoned)
        transcript = transcribe_track(chunks, recogniser, None)
    if abandoned.is_set():
        return
    skips = [transcript.skip_reason] if transcript.skip_reason else []
    work.finish(pack({"findings": spell_findings(transcript.findings), "skips": skips}))
    listener.tell("speech", EventState.FINISHED, media.duration_seconds)


def _silence_reason(
    media: MediaInfo, subtitles: list[Finding], models: IndexerModels, options: IndexOptions
) -> str:
    """Say why nobody listens; empty when somebody should."""
    if not media.has_sound:
        return "no sound track"
    if not options.speech:
        return "switched off"
    if any(finding.kind is EvidenceKind.SUBTITLE for finding in subtitles):
        return "subtitles say what is spoken"
    return speech_skip_reason(options.language or media.audio_language, models.speech_languages)


def _heard(chunks: Iterable[Chunk], listener: Listener, abandoned: Event) -> Iterator[Chunk]:
    listener.tell("speech", EventState.STARTED)
    for start_seconds, samples in chunks:
        if abandoned.is_set():
            return
        listener.tell("speech", EventState.PROGRESS, start_seconds)
        yield start_seconds, samples
