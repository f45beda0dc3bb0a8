"""Evidence written down as it happened: in time order, video by video, with gaps marked.

What is read in a row is taken for one thing after the other, by people and by models.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from store.clock import duration_text, timecode
from store.records import Evidence, EvidenceKind

GAP_SECONDS = 5.0
"""A longer time between two lines is marked."""
_MARKS = {
    EvidenceKind.SCREEN_TEXT: "written",
    EvidenceKind.CAPTION: "seen",
    EvidenceKind.TAG: "seen",
    EvidenceKind.SOUND: "heard",
    EvidenceKind.MUSIC: "music",
}


def in_time_order(lines: Iterable[Evidence]) -> list[Evidence]:
    """Sort lines by video and time, each once; videos stay in the order they come."""
    distinct = {line.evidence_id: line for line in lines}
    videos = dict.fromkeys(line.video_id for line in distinct.values())
    rank = {video_id: place for place, video_id in enumerate(videos)}
    return sorted(distinct.values(), key=lambda line: (rank[line.video_id], line.span))


def gap_mark(seconds: float) -> str:
    """Say how much later a line comes; empty where it follows soon.

    Example:
        >>> gap_mark(250.0), gap_mark(2.0)
        ('[... 4 min 10 s later ...]', '')
    """
    return f"[... {duration_text(seconds)} later ...]" if seconds > GAP_SECONDS else ""


def text_for_model(lines: Sequence[Evidence], titles: Mapping[str, str]) -> str:
    """Write lines for a model: their words, gaps, and titles where there are several videos.

    Args:
        lines: As ``in_time_order`` has them.
        titles: By video id.
    """
    videos = groupby(lines, key=lambda line: line.video_id)
    parts = [(titles[video_id], _with_gaps(list(same), _words)) for video_id, same in videos]
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(f"[{title}]\n{text}" for title, text in parts)


def text_for_people(lines: Sequence[Evidence]) -> str:
    """Write lines of one video for people: a row for each, with its time and how it is known."""
    return _with_gaps(lines, _timed)


def _with_gaps(lines: Sequence[Evidence], write: Callable[[Evidence], str]) -> str:
    rows: list[str] = []
    told_until = lines[0].span.start_seconds if lines else 0.0
    for line in lines:
        mark = gap_mark(line.span.start_seconds - told_until)
        rows += [mark, write(line)] if mark else [write(line)]
        told_until = max(told_until, line.span.end_seconds)
    return "\n".join(rows)


def _words(line: Evidence) -> str:
    return " ".join(line.text.split())


def _timed(line: Evidence) -> str:
    mark = _MARKS.get(line.kind)
    how = f"({mark}) " if mark else ""
    return f"{timecode(line.span.start_seconds)}  {how}{_words(line)}"
