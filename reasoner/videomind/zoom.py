"""The verifier's view: a candidate with as much again around it, marked by two tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.videomind.grid import VideoGrid
from reasoner.videomind.spans import parse_span
from store.timespan import TimeSpan

CANDIDATE_SECONDS = 2.0
"""A shorter candidate is lengthened before it is looked at."""
MARGIN = 0.5
"""Added on each side, as a share of the candidate's length."""


@dataclass(frozen=True, slots=True)
class Zoom:
    """A candidate and the clip round it in which the verifier sees it.

    Attributes:
        candidate: In seconds of the video.
        clip: What is shown; holds ``candidate``.
    """

    candidate: TimeSpan
    clip: TimeSpan

    @property
    def start_share(self) -> float:
        """Where the candidate starts, as a share of the clip."""
        return (self.candidate.start_seconds - self.clip.start_seconds) / self.clip.duration_seconds

    @property
    def end_share(self) -> float:
        """Where the candidate ends, as a share of the clip."""
        return (self.candidate.end_seconds - self.clip.start_seconds) / self.clip.duration_seconds


def zoom_out(start_seconds: float, end_seconds: float, duration_seconds: float) -> Zoom:
    """Widen a candidate by half its length on both sides, inside the video.

    Raises:
        ValueError: The video has no length.

    Source:
        Section 3.3 of VideoMind (arXiv 2503.13444) and its ``eval/infer_auto.py``.
    """
    if not duration_seconds > 0:
        raise ValueError(f"a video of {duration_seconds} seconds has nothing to look at")
    candidate = parse_span(start_seconds, end_seconds, duration_seconds, CANDIDATE_SECONDS)
    margin = MARGIN * candidate.duration_seconds
    clip = parse_span(
        candidate.start_seconds - margin, candidate.end_seconds + margin, duration_seconds
    )
    return Zoom(candidate, clip)


@dataclass(frozen=True, slots=True)
class SegmentMark:
    """Where the tokens round a candidate stand among the ids that they were put into."""

    start_index: int
    end_index: int

    def inserted(self, values: Sequence[int], start_value: int, end_value: int) -> list[int]:
        """Put two values in: the segment tokens among ids, or what is ignored among labels."""
        split, end = self.start_index, self.end_index - 1
        return [*values[:split], start_value, *values[split:end], end_value, *values[end:]]

    def removed(self, values: Sequence[int]) -> list[int]:
        """Take out what ``inserted`` put in."""
        return [
            value
            for index, value in enumerate(values)
            if index not in (self.start_index, self.end_index)
        ]


def segment_mark(zoom: Zoom, grid: VideoGrid, vision_start_index: int) -> SegmentMark:
    """Choose where the segment tokens go: between the time steps nearest the candidate's bounds.

    Args:
        zoom: What is shown.
        grid: Of the clip.
        vision_start_index: Of the token before the video's first; ``vision_start_of`` finds it.

    Source:
        ``dataset/wrappers/verifying.py`` of VideoMind. An empty range is legal there.
    """
    first, last = (
        min(max(0, round(share * grid.steps)), grid.steps)
        for share in (zoom.start_share, zoom.end_share)
    )
    behind = vision_start_index + 1
    return SegmentMark(
        behind + first * grid.tokens_per_step, behind + last * grid.tokens_per_step + 1
    )


def vision_start_of(input_ids: Sequence[int], vision_start_id: int) -> int:
    """Find the token before the one video of a prompt.

    Raises:
        ValueError: There is none, or more than one.
    """
    places = [index for index, token in enumerate(input_ids) if token == vision_start_id]
    if len(places) != 1:
        raise ValueError(f"a prompt for the verifier holds one video, got {len(places)}")
    return places[0]
