"""From what was seen and heard to clips and evidence: stages that need no media file any more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.captions import SeenFrames, clip_look, compose_caption
from indexer.clips import cut_clips
from indexer.findings import Finding, place_findings
from indexer.frames import FrameOptions
from indexer.interfaces import Cut
from indexer.labels.imagenet import imagenet_labels
from indexer.looking import Sights
from indexer.options import IndexOptions
from indexer.report import Stopwatch
from indexer.screen_findings import merge_readings
from indexer.tags import Tagger
from store.records import Clip, Evidence, EvidenceKind
from store.timespan import TimeSpan

SPOKEN_KINDS = frozenset({EvidenceKind.SPEECH, EvidenceKind.SUBTITLE})


@dataclass(frozen=True, slots=True)
class Description:
    """One video divided and described."""

    clips: tuple[Clip, ...]
    evidence: tuple[Evidence, ...]


def describe(
    video_id: str,
    duration_seconds: float,
    heard: Sequence[Finding],
    sights: Sights | None,
    *,
    backbone_id: str,
    reader_id: str,
    options: IndexOptions,
    watch: Stopwatch,
) -> Description:
    """Cut clips, merge what was read, tag, caption, and give every finding its place.

    Args:
        video_id: Of the video.
        duration_seconds: Of the video.
        heard: Subtitles, speech and sounds.
        sights: ``None`` for a video without picture.
        backbone_id: Model that the tags come from.
        reader_id: Model that read the screen text.
        options: Those in force.
        watch: Counts the time of each stage.
    """
    cuts = sights.cuts if sights is not None else ()
    spoken = [finding.span for finding in heard if finding.kind in SPOKEN_KINDS]
    with watch.running("clips"):
        spans = cut_clips(duration_seconds, cuts, spoken, options.clips)
        clips = tuple(Clip(video_id, ordinal, span) for ordinal, span in enumerate(spans))
    found = list(heard)
    if sights is not None:
        found += _seen(sights, spans, duration_seconds, backbone_id, reader_id, watch)
    return Description(clips, place_findings(video_id, found, clips))


def _seen(
    sights: Sights,
    clips: Sequence[TimeSpan],
    duration_seconds: float,
    backbone_id: str,
    reader_id: str,
    watch: Stopwatch,
) -> list[Finding]:
    cuts_seconds = [cut.seconds for cut in sights.cuts if cut.seconds < duration_seconds]
    with watch.running("screen_text"):
        step_seconds = FrameOptions().interval_seconds
        written = merge_readings(
            sights.readings, cuts_seconds, step_seconds, duration_seconds, reader_id
        )
    with watch.running("tags"):
        tagger = Tagger(imagenet_labels(), backbone_id)
        probabilities = sights.probabilities.astype(np.float32)
        tags = tagger.find(probabilities, sights.pictures.spans)
    with watch.running("captions"):
        spans = sights.pictures.spans
        frames = SeenFrames(spans, sights.probabilities, [()] * len(spans))
        track = sights.appearance.track()
        looks = [clip_look(clip, frames, track, _num_shots(clip, sights.cuts)) for clip in clips]
        captions = [
            compose_caption(clip, tags, written, look)
            for clip, look in zip(clips, looks, strict=True)
        ]
    return [*written, *tags, *(caption for caption in captions if caption is not None)]


def _num_shots(clip: TimeSpan, cuts: Sequence[Cut]) -> int:
    """Count the shots that a clip has a part in."""
    return 1 + sum(clip.start_seconds < cut.seconds < clip.end_seconds for cut in cuts)
