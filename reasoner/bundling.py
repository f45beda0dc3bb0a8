"""A finding made into an answer that can be read alone: its citations, cost and caveats."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reasoner.answer import Answer, Citation, DraftAnswer, GroundedSpan, Plan
from reasoner.caveats import caveats_of
from reasoner.general.finding import Finding
from reasoner.progress import Progress
from reasoner.scoping import allows
from store.records import Evidence, Scope, Video


def bundle(
    plan: Plan,
    finding: Finding,
    progress: Progress,
    scope: Scope,
    videos: Sequence[Video],
    model_revisions: Mapping[str, str],
) -> Answer:
    """Resolve what is cited, and doubt what could not be heard.

    Args:
        plan: As it was carried out.
        finding: Whose draft has its text.
        progress: Seconds and fallbacks.
        scope: Where was looked.
        videos: All of the library.
        model_revisions: Copied into the answer.
    """
    draft, spans = finding.draft, finding.spans
    titles = {video.video_id: video.title for video in videos}
    titles |= {span.video.video_id: span.video.title for span in spans}
    answer = Answer(
        question=plan.question,
        text=draft.text,
        abstained=draft.abstained,
        confidence=draft.confidence,
        spans=() if draft.abstained else _foremost(spans, draft),
        citations=tuple(_citation(piece, titles[piece.video_id]) for piece in draft.cited),
        plan=plan,
        moments=finding.moments,
        fallbacks=tuple(progress.fallbacks),
        seconds_by_role=progress.seconds,
        model_revisions=dict(model_revisions),
        choice=draft.choice,
        count=draft.count,
    )
    doubted = _rests_on(answer)
    doubted = doubted or {video.video_id for video in videos if allows(scope, video)}
    return replace(
        answer, caveats=caveats_of([video for video in videos if video.video_id in doubted])
    )


def _rests_on(answer: Answer) -> set[str]:
    """Name the videos of what is cited, or of the first span where nothing is; none if it abstains.

    An answer without citations is one that was seen.
    """
    cited = {citation.video_id for citation in answer.citations}
    return cited or {span.video.video_id for span in answer.spans[:1]}


def _foremost(spans: tuple[GroundedSpan, ...], draft: DraftAnswer) -> tuple[GroundedSpan, ...]:
    """Put the span that the answer was made from before the others, else those that it cites."""
    if draft.span is not None:
        return tuple(sorted(spans, key=lambda span: span != draft.span))
    ids = {piece.evidence_id for piece in draft.cited}
    return tuple(
        sorted(spans, key=lambda span: not any(piece.evidence_id in ids for piece in span.evidence))
    )


def _citation(piece: Evidence, title: str) -> Citation:
    return Citation(
        evidence_id=piece.evidence_id,
        video_id=piece.video_id,
        title=title,
        span=piece.span,
        kind=str(piece.kind),
        text=piece.text,
    )
