"""What ranking reads of a library, in memory: as it is, or cut into windows instead of clips."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparison.material import Material
from retriever.found import Asked
from retriever.metrics.right_clip import is_right_clip
from store.library import Library
from store.records import Clip, Evidence, EvidenceKind, Hit, IndexedVideo, Video
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class Cutting:
    """Windows of one length, each starting ``step_seconds`` after the one before."""

    window_seconds: float
    overlap: float

    @property
    def step_seconds(self) -> float:
        """From start to start."""
        return self.window_seconds * (1 - self.overlap)

    def windows(self, duration_seconds: float) -> list[TimeSpan]:
        """Cut a film; the last window ends with it."""
        spans = [TimeSpan(0.0, min(self.window_seconds, duration_seconds))]
        while spans[-1].end_seconds < duration_seconds:
            start = len(spans) * self.step_seconds
            spans.append(TimeSpan(start, min(start + self.window_seconds, duration_seconds)))
        return spans


class Shelf:
    """Videos, clips and evidence of some videos: fulfils what ``Retriever.moments`` asks."""

    def __init__(self, videos: Sequence[IndexedVideo]) -> None:
        self._videos = {whole.video.video_id: whole for whole in videos}
        self._lines = {one: _embedded_lines(whole) for one, whole in self._videos.items()}

    def video(self, video_id: str) -> Video:
        """Return a video by its full id."""
        return self._videos[video_id].video

    def clips(self, video_id: str, within: TimeSpan | None = None) -> list[Clip]:
        """List a video's clips that overlap ``within``, in time order."""
        clips = self._videos[video_id].clips
        return [clip for clip in clips if within is None or clip.span.overlaps(within)]

    def evidence(
        self,
        video_id: str,
        within: TimeSpan | None = None,
        kinds: Sequence[EvidenceKind] | None = None,
    ) -> list[Evidence]:
        """List a video's evidence of some kinds that overlaps ``within``, in time order."""
        return [
            line
            for line in self._videos[video_id].evidence
            if (within is None or line.span.overlaps(within))
            and (kinds is None or line.kind in kinds)
        ]

    def score_clips(
        self,
        space_id: str,
        query: NDArray[np.float32],
        clips: Sequence[Clip],
        kinds: Sequence[EvidenceKind],
        *,
        query_encoder_id: str,
    ) -> list[Hit]:
        """Score all evidence of some kinds in some clips."""
        return [
            replace(hit, score=float(vector @ query[0]))
            for video_id in dict.fromkeys(clip.video_id for clip in clips)
            for hit, vector in self._lines[video_id].get(space_id, ())
            if hit.clip in clips and hit.evidence is not None and hit.evidence.kind in kinds
        ]


def _embedded_lines(whole: IndexedVideo) -> dict[str, list[tuple[Hit, NDArray[np.float32]]]]:
    """List by space the lines that have a vector, once for each clip that they stand in."""
    copies: dict[str, list[Evidence]] = {}
    for line in whole.evidence:
        copies.setdefault(line.evidence_id, []).append(line)
    found: dict[str, list[tuple[Hit, NDArray[np.float32]]]] = {}
    for one in whole.embeddings:
        for line in copies[one.evidence_id] if one.evidence_id is not None else ():
            hit = Hit(whole.clips[line.clip_ordinal], line.span, 0.0, line)
            found.setdefault(one.space_id, []).append((hit, one.vector))
    return found


def in_memory(material: Material) -> Material:
    """Take a library off the disk: the same moments, a hundred times as quick."""
    shelf = cast(Library, Shelf(list(material.videos.values())))
    return replace(material, library=shelf)


def recut(material: Material, cutting: Cutting) -> Material:
    """Cut a library into windows: what lies in a window is found there.

    A line or picture belongs to every window with which it shares half of the shorter of the two:
    the rule by which clips are judged, so that no cutting is judged by another.
    """
    videos = {one: recut_video(whole, cutting) for one, whole in material.videos.items()}
    shelf = cast(Library, Shelf(list(videos.values())))
    windows = {one: whole.clips for one, whole in videos.items()}
    queries = tuple(
        replace(query, asked=_recut_asked(query.asked, windows)) for query in material.queries
    )
    name = f"{material.name} {cutting}"
    return replace(material, name=name, library=shelf, videos=videos, queries=queries)


def recut_video(whole: IndexedVideo, cutting: Cutting) -> IndexedVideo:
    """Put windows in place of a video's clips; evidence stands once in each of its windows."""
    spans = cutting.windows(whole.video.duration_seconds)
    clips = tuple(Clip(whole.video.video_id, number, span) for number, span in enumerate(spans))
    evidence = tuple(
        replace(line, clip_ordinal=clip.ordinal)
        for line in whole.evidence
        for clip in windows_of(line.span, clips)
    )
    return replace(whole, clips=clips, evidence=evidence)


def windows_of(span: TimeSpan, windows: Sequence[Clip]) -> list[Clip]:
    """List the windows that a span belongs to, at least one.

    Args:
        span: Of a line or a picture.
        windows: In order of their starts, and of their ends.
    """
    first = bisect_left(windows, span.start_seconds, key=lambda clip: clip.span.end_seconds)
    behind = bisect_right(windows, span.end_seconds, key=lambda clip: clip.span.start_seconds)
    held = [clip for clip in windows[first:behind] if is_right_clip(clip.span, span)]
    return held or [min(windows, key=lambda clip: (clip.span.gap_seconds(span), clip.ordinal))]


def _recut_asked(asked: Asked, windows: dict[str, tuple[Clip, ...]]) -> Asked:
    known: dict[tuple[str, TimeSpan], list[Clip]] = {}

    def moved(hit: Hit) -> list[Hit]:
        name = (hit.clip.video_id, hit.span)
        if name not in known:
            known[name] = windows_of(hit.span, windows[hit.clip.video_id])
        return [
            replace(
                hit,
                clip=clip,
                evidence=hit.evidence and replace(hit.evidence, clip_ordinal=clip.ordinal),
            )
            for clip in known[name]
        ]

    results = tuple(
        replace(result, hits=tuple(made for hit in result.hits for made in moved(hit)))
        for result in asked.results
    )
    return replace(asked, results=results)
