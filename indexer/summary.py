"""The summary stage: from clips to scenes to the video, in the words of the evidence itself."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.central_lines import centrality, choose
from indexer.payloads import pack, unpack_values
from indexer.scenes import clip_directions, cut_scenes
from indexer.summary_lines import Line, candidates, distinct, similarity
from store.records import Clip, Embedding, Evidence, Summary, SummaryLevel
from store.timespan import TimeSpan

Float = NDArray[np.float64]

LINES_PER_SCENE = 3
LINES_PER_VIDEO = 8


@dataclass(frozen=True, slots=True)
class Central:
    """A line that was chosen, and how much it stands for its scene."""

    line: Line
    relevance: float


def summarise(
    clips: Sequence[Clip], evidence: Sequence[Evidence], embeddings: Sequence[Embedding]
) -> tuple[Summary, ...]:
    """Choose what stands for a video and for each of its scenes.

    Args:
        clips: Of one video, in time order.
        evidence: All of it.
        embeddings: What the embed stage made of it, and of the pictures.

    Returns:
        The video's summary, then its scenes' in time order, which tile it; none at all where there
        is no line to quote.
    """
    directions = clip_directions(clips, embeddings)
    scenes = cut_scenes(clips, list(directions.values()))
    scene_of = {clips[number].ordinal: scene for scene, run in enumerate(scenes) for number in run}
    lines_by_scene: list[list[Line]] = [[] for _ in scenes]
    for line in candidates(evidence, embeddings, _shown(clips, embeddings, directions)):
        lines_by_scene[scene_of[line.evidence.clip_ordinal]].append(line)
    num_scenes = Counter(said for lines in lines_by_scene for said in {it.words for it in lines})
    foremost = [_of_scene(lines, num_scenes) for lines in lines_by_scene]
    if not any(foremost):
        return ()
    video_id = clips[0].video_id
    whole = _summary(video_id, SummaryLevel.VIDEO, 0, clips, _of_video(foremost))
    return (
        whole,
        *(
            _summary(video_id, SummaryLevel.SCENE, number, clips[run.start : run.stop], lines)
            for number, (run, lines) in enumerate(zip(scenes, foremost, strict=True))
        ),
    )


def pack_summaries(summaries: Iterable[Summary]) -> bytes:
    """Pack what ``summarise`` found; evidence by its id."""
    spelled = [
        {
            "level": str(summary.level),
            "ordinal": summary.ordinal,
            "span": [summary.span.start_seconds, summary.span.end_seconds],
            "evidence": [part.evidence_id for part in summary.evidence],
        }
        for summary in summaries
    ]
    return pack({"summaries": spelled})


def unpack_summaries(
    payload: bytes, video_id: str, evidence: Iterable[Evidence]
) -> tuple[Summary, ...]:
    """Read what ``pack_summaries`` packed of a video with this evidence."""
    known = {part.evidence_id: part for part in evidence}
    return tuple(
        Summary(
            video_id=video_id,
            level=SummaryLevel(spelled["level"]),
            ordinal=spelled["ordinal"],
            span=TimeSpan(*spelled["span"]),
            evidence=tuple(known[name] for name in spelled["evidence"]),
        )
        for spelled in unpack_values(payload)["summaries"]
    )


def _shown(
    clips: Sequence[Clip], embeddings: Sequence[Embedding], directions: Mapping[str, Float]
) -> Mapping[int, Float]:
    """Give each clip (by ordinal) the direction of what it shows; none without pictures."""
    spaces = sorted({part.space_id for part in embeddings if part.evidence_id is None})
    rows = directions[spaces[0]] if spaces else ()
    return {clip.ordinal: row for clip, row in zip(clips, rows, strict=bool(spaces))}


def _of_scene(lines: Sequence[Line], num_scenes: Mapping[frozenset[str], int]) -> list[Central]:
    """Choose the lines of a scene, the best first."""
    told = distinct(lines)
    weights = np.array([line.weight / num_scenes[line.words] for line in told])
    return _chosen(told, weights, LINES_PER_SCENE, [0] * len(told))


def _of_video(foremost: Sequence[Sequence[Central]]) -> list[Central]:
    """Choose the lines of a video among those of its scenes, spread over them.

    Of many scenes only the best line of each is looked at, so that the work does not grow with the
    square of all lines.
    """
    told = [found for found in foremost if found]
    num_stretches = min(LINES_PER_VIDEO, len(told))
    most_each = LINES_PER_SCENE if len(told) < LINES_PER_VIDEO else 1
    known: dict[frozenset[str], tuple[Central, int]] = {}
    for scene, found in enumerate(told):
        for central in found[:most_each]:
            stretch = scene * num_stretches // len(told)
            known.setdefault(central.line.words, (central, stretch))
    lines = [central.line for central, _ in known.values()]
    weights = np.array([central.relevance for central, _ in known.values()])
    stretches = [stretch for _, stretch in known.values()]
    return _chosen(lines, weights, LINES_PER_VIDEO, stretches)


def _chosen(lines: Sequence[Line], weights: Float, k: int, groups: Sequence[int]) -> list[Central]:
    if not lines:
        return []
    cosines = similarity(lines)
    relevance = centrality(cosines) * weights
    found = choose(relevance / relevance.max(), cosines, k, groups)
    return [Central(lines[number], float(relevance[number])) for number in found]


def _summary(
    video_id: str,
    level: SummaryLevel,
    ordinal: int,
    clips: Sequence[Clip],
    found: Iterable[Central],
) -> Summary:
    evidence = sorted(
        (central.line.evidence for central in found),
        key=lambda part: (part.span, part.kind, part.ordinal),
    )
    span = clips[0].span.hull(clips[-1].span)
    return Summary(video_id, level, ordinal, span, tuple(evidence))
