"""From what was seen and heard to clips, evidence and vectors.

The media file is read again only for models that want its pictures.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.captions import SeenFrames, clip_look, compose_caption
from indexer.clips import cut_clips
from indexer.embedding import embed, embeddings_of, memory_of
from indexer.findings import Finding, place_findings, spell_findings
from indexer.frames import FrameOptions, stay_spans
from indexer.interfaces import Captioner, Cut, PictureHead
from indexer.kept_pictures import KeptPictures
from indexer.labels.imagenet import imagenet_labels
from indexer.listening import found_by
from indexer.looking import Sights, read_sights
from indexer.models import IndexerModels, OnDemand
from indexer.options import IndexOptions
from indexer.payloads import pack, unpack
from indexer.report import EventState, Listener
from indexer.screen_findings import merge_readings
from indexer.sightings import classes_of, kept_classes_of
from indexer.stages import LISTEN
from indexer.summary import pack_summaries, summarise
from indexer.tags import Tagger
from indexer.workbook import StageWork, Workbook
from indexer.written_captions import write_captions
from store.records import SPOKEN_KINDS, Clip, Evidence
from store.timespan import TimeSpan


def describe(
    path: Path,
    book: Workbook,
    duration_seconds: float,
    models: IndexerModels,
    options: IndexOptions,
    listener: Listener,
) -> None:
    """Cut clips, tag, caption, embed and sum up, as far as that has not been done.

    Args:
        path: Of the video.
        book: Of one video; whatever looks and listens has finished.
        duration_seconds: Of the video.
        models: To tag and embed with.
        options: Those in force.
        listener: Told what is done.

    Raises:
        MediaError: The file cannot be read.
    """
    sights = read_sights(book)
    _cut(book, duration_seconds, sights, options)
    if not book.must_run("tags", "captions", "embed", "summary"):
        return
    _tag(book, sights, duration_seconds, models)
    classes = kept_classes_of(book.found("frames")[0])
    if models.captioner is None:
        _caption(book, sights, classes, duration_seconds)
    else:
        _write_captions(path, book, sights, models.captioner, listener)
    if book.must_run("embed"):
        before = memory_of(book.found_before("embed"))
        work = book.begin("embed")
        with book.watch.running("embed"):
            evidence = evidence_of(
                book, sights, duration_seconds, models.screen_text_reader.model_id
            )
            seeing = _with_pictures(path, sights, work, models)
            made = embed(evidence, classes, book.key("frames"), seeing, before)
        work.finish(made)
        listener.tell("embed", EventState.FINISHED)
    _sum_up(book, sights, duration_seconds, models, listener)


def _sum_up(
    book: Workbook,
    sights: Sights,
    duration_seconds: float,
    models: IndexerModels,
    listener: Listener,
) -> None:
    if not book.must_run("summary"):
        return
    work = book.begin("summary")
    with book.watch.running("summary"):
        evidence = evidence_of(book, sights, duration_seconds, models.screen_text_reader.model_id)
        spans = kept_spans(sights, duration_seconds)
        clips = clips_of(book)
        _, embeddings = embeddings_of(book.found("embed")[0], evidence, clips, spans)
        made = pack_summaries(summarise(clips, evidence, embeddings))
    work.finish(made)
    listener.tell("summary", EventState.FINISHED)


def _with_pictures(
    path: Path, sights: Sights, work: StageWork, models: IndexerModels
) -> IndexerModels:
    """Put an encoder of pictures, where there is one, in the place of the head."""
    encoder = models.picture_encoder
    if encoder is None:
        return models
    head: OnDemand[PictureHead] = OnDemand(
        encoder.model_id, lambda: KeptPictures(path, sights.kept_seconds, encoder.get(), work)
    )
    return replace(models, picture_head=head)


def clips_of(book: Workbook) -> tuple[Clip, ...]:
    """Read where the clips stage cut."""
    values, _ = unpack(book.found("clips")[0])
    spans = (TimeSpan(start, end) for start, end in values["clips"])
    return tuple(Clip(book.video_id, ordinal, span) for ordinal, span in enumerate(spans))


def kept_spans(sights: Sights, duration_seconds: float) -> list[TimeSpan]:
    """Say for how long each kept frame stands for what is on screen."""
    return _stays(sights.kept_seconds, sights, duration_seconds)


def _stays(seconds: Sequence[float], sights: Sights, duration_seconds: float) -> list[TimeSpan]:
    cuts = [cut.seconds for cut in sights.cuts]
    return stay_spans(seconds, cuts, sights.end_seconds or duration_seconds)


def evidence_of(
    book: Workbook, sights: Sights, duration_seconds: float, reader_id: str
) -> tuple[Evidence, ...]:
    """Put together everything that the stages found, each with its place."""
    found = found_by(book, "subtitles", "speech", "tags", "captions")
    found += _written(sights, duration_seconds, reader_id)
    return place_findings(book.video_id, found, clips_of(book))


def _cut(book: Workbook, duration_seconds: float, sights: Sights, options: IndexOptions) -> None:
    if not book.must_run("clips"):
        return
    work = book.begin("clips")
    with book.watch.running("clips"):
        heard = found_by(book, *LISTEN)
        spoken = [finding.span for finding in heard if finding.kind in SPOKEN_KINDS]
        spans = cut_clips(duration_seconds, sights.cuts, spoken, options.clips)
    work.finish(pack({"clips": [[span.start_seconds, span.end_seconds] for span in spans]}))


def _tag(book: Workbook, sights: Sights, duration_seconds: float, models: IndexerModels) -> None:
    if not book.must_run("tags"):
        return
    work = book.begin("tags")
    with book.watch.running("tags"):
        tagger = Tagger(imagenet_labels(), models.backbone.model_id)
        # Of frames that are alike now the one, now the other shows what a thing is.
        seconds, probabilities = classes_of(book.found("frames")[0])
        tags = tagger.find(probabilities, _stays(seconds, sights, duration_seconds))
    work.finish(pack({"findings": spell_findings(tags)}))


def _caption(
    book: Workbook,
    sights: Sights,
    classes: NDArray[np.float16],
    duration_seconds: float,
) -> None:
    if not book.must_run("captions"):
        return
    work = book.begin("captions")
    with book.watch.running("captions"):
        tags = found_by(book, "tags")
        captions: list[Finding | None] = []
        if sights.end_seconds:
            spans = kept_spans(sights, duration_seconds)
            frames = SeenFrames(spans, classes, sights.faces)
            for clip in _seen_clips(book, sights):
                shots = _num_shots(clip.span, sights.cuts)
                look = clip_look(clip.span, frames, sights.appearance, shots)
                captions.append(compose_caption(clip.span, tags, look))
    found = [caption for caption in captions if caption is not None]
    work.finish(pack({"findings": spell_findings(found)}))


def _write_captions(
    path: Path,
    book: Workbook,
    sights: Sights,
    captioner: OnDemand[Captioner],
    listener: Listener,
) -> None:
    if not book.must_run("captions"):
        return
    work = book.begin("captions")
    with book.watch.running("captions"):
        clips = _seen_clips(book, sights)
        found: list[Finding] = []
        if clips:
            heard = found_by(book, *LISTEN)
            found = write_captions(path, clips, heard, captioner.get(), work, listener)
    work.finish(pack({"findings": spell_findings(found)}))


def _seen_clips(book: Workbook, sights: Sights) -> list[Clip]:
    """List the clips that begin before the picture has ended; sound may go on."""
    return [clip for clip in clips_of(book) if clip.span.start_seconds < sights.end_seconds]


def _written(sights: Sights, duration_seconds: float, reader_id: str) -> list[Finding]:
    """Merge what was read look by look to texts that stand for a while."""
    cuts = [cut.seconds for cut in sights.cuts if cut.seconds < duration_seconds]
    step_seconds = FrameOptions().interval_seconds
    return merge_readings(sights.readings, cuts, step_seconds, duration_seconds, reader_id)


def _num_shots(clip: TimeSpan, cuts: Sequence[Cut]) -> int:
    """Count the shots that a clip has a part in."""
    return 1 + sum(clip.start_seconds < cut.seconds < clip.end_seconds for cut in cuts)
