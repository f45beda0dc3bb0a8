"""The last stage: everything the others found becomes one video of the library, at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.describing import clips_of, evidence_of, kept_spans
from indexer.embedding import embeddings_of
from indexer.findings import Finding
from indexer.listening import found_by
from indexer.looking import read_sights
from indexer.media import MediaInfo
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.payloads import unpack_values
from indexer.sightings import unpack_thumbnails
from indexer.stages import UPSTREAM
from indexer.summary import unpack_summaries
from indexer.thumbnails import nearest_thumbnails, thumbnails_from
from indexer.titles import NameFacts
from indexer.workbook import Workbook
from store.errors import UnknownNameError
from store.library import Library
from store.records import Clip, IndexedVideo, Skip, StageRun, Video

# What is said about a stage that left something out, in the order people read it.
STAGES_WITH_SKIPS = ("shots", "frames", "subtitles", "speech", "screen_text")


@dataclass(frozen=True, slots=True)
class Publishing:
    """What is published beside the results of stages.

    Attributes:
        path: Where the media file is now.
        paths: Everywhere it was seen, the latest first.
        media: What it says about itself.
        named: What it is called.
        duration_seconds: Of the video.
    """

    path: Path
    paths: tuple[str, ...]
    media: MediaInfo
    named: NameFacts
    duration_seconds: float


def publish(
    library: Library,
    book: Workbook,
    facts: Publishing,
    models: IndexerModels,
    options: IndexOptions,
) -> Video:
    """Put a video into the library whose stages have all finished.

    Raises:
        LibraryError: It cannot be written.
    """
    work = book.begin("publish")
    with book.watch.running("publish"):
        clips = clips_of(book)
        thumbnails = _thumbnails(library, book, clips, facts.path)
        indexed = _assembled(book, facts, clips, models, options, thumbnails)
        library.publish(indexed)
    work.finish(b"")
    return indexed.video


def _assembled(
    book: Workbook,
    facts: Publishing,
    clips: tuple[Clip, ...],
    models: IndexerModels,
    options: IndexOptions,
    thumbnails: tuple[tuple[int, bytes], ...],
) -> IndexedVideo:
    sights = read_sights(book)
    reader_id = models.screen_text_reader.model_id
    evidence = evidence_of(book, sights, facts.duration_seconds, reader_id)
    spans = kept_spans(sights, facts.duration_seconds)
    spaces, embeddings = embeddings_of(book.found("embed")[0], evidence, clips, spans)
    return IndexedVideo(
        video=_video(book, facts, options),
        clips=clips,
        evidence=evidence,
        spaces=spaces,
        embeddings=embeddings,
        stage_runs=_stage_runs(book),
        thumbnails=thumbnails,
        summaries=unpack_summaries(book.found("summary")[0], book.video_id, evidence),
    )


def _stage_runs(book: Workbook) -> tuple[StageRun, ...]:
    kept = book.results.all_of(book.video_id)
    seconds = {stage: result.seconds for stage, result in kept.items()} | book.watch.seconds
    return tuple(StageRun(stage, book.key(stage), seconds.get(stage, 0.0)) for stage in UPSTREAM)


def _video(book: Workbook, facts: Publishing, options: IndexOptions) -> Video:
    media, named = facts.media, facts.named
    stated = options.language or media.audio_language
    return Video(
        video_id=book.video_id,
        paths=facts.paths,
        title=named.title,
        duration_seconds=facts.duration_seconds,
        file_bytes=facts.path.stat().st_size,
        frame_rate=media.frame_rate,
        width_pixels=media.width_pixels,
        height_pixels=media.height_pixels,
        video_codec=media.video_codec,
        audio_codec=media.audio_codec,
        language=stated or known_language(found_by(book, "speech"), found_by(book, "subtitles")),
        start_timecode=media.start_timecode,
        series=named.series,
        season=named.season,
        episode=named.episode,
        year=named.year,
        skips=(*named.skips, *skips_of(book)),
    )


def known_language(speech: Iterable[Finding], subtitles: Iterable[Finding]) -> str | None:
    """Say what a video is spoken in where nobody states it; ``None`` where that is not known.

    The language that was heard for longest; else that of the subtitles, where all are in one: of
    several, some are translations, and nothing says which are not.
    """
    seconds: defaultdict[str, float] = defaultdict(float)
    for finding in speech:
        if finding.language:
            seconds[finding.language] += finding.span.duration_seconds
    if seconds:
        return max(sorted(seconds), key=lambda language: seconds[language])
    read_in = {finding.language for finding in subtitles}
    return read_in.pop() if len(read_in) == 1 else None


def skips_of(book: Workbook) -> tuple[Skip, ...]:
    """List what the stages left out, and why."""
    return tuple(
        Skip(stage, reason)
        for stage in STAGES_WITH_SKIPS
        for reason in unpack_values(book.found(stage)[0]).get("skips", ())
    )


def _thumbnails(
    library: Library, book: Workbook, clips: tuple[Clip, ...], path: Path
) -> tuple[tuple[int, bytes], ...]:
    """Take the pictures of the pass; without those, what is published, or new ones."""
    parts = book.each_part("thumbnails")
    taken = (picture for part in parts for picture in unpack_thumbnails(part))
    made = nearest_thumbnails(taken, clips)
    if made:
        return made
    try:
        published = library.indexed_video(book.video_id)
    except UnknownNameError:
        published = None
    if (
        published is not None
        and _milliseconds(published.clips) == _milliseconds(clips)
        and len(published.thumbnails) == len(clips)
    ):
        return published.thumbnails
    if not read_sights(book).end_seconds:
        return ()
    return thumbnails_from(path, clips)


def _milliseconds(clips: tuple[Clip, ...]) -> list[tuple[int, int]]:
    """Say where clips are as the library does, which rounds their times."""
    return [(clip.span.start_milliseconds, clip.span.end_milliseconds) for clip in clips]
