"""Reading: rows of the catalogue as records."""

import difflib
import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from store.errors import UnknownNameError
from store.interfaces import StoredSpace
from store.records import (
    SHORT_ID_CHARACTERS,
    Clip,
    Evidence,
    EvidenceKind,
    Space,
    StageRun,
    Summary,
    SummaryLevel,
    Video,
)
from store.rows import (
    clip_record,
    evidence_record,
    places_of,
    space_record,
    stage_run_record,
    summary_places,
    summary_record,
    video_record,
)
from store.scoping import overlapping
from store.tables import ClipRow, EvidenceRow, SpaceRow, StageRunRow, SummaryRow, VideoRow
from store.timespan import TimeSpan

FEWEST_ID_CHARACTERS = 4
MOST_SUGGESTIONS = 5


def videos(session: Session) -> list[Video]:
    """List every video by title."""
    found = [video_record(row) for row in session.scalars(select(VideoRow))]
    return sorted(found, key=lambda video: (video.title.casefold(), video.video_id))


def find_video(session: Session, name: str) -> Video:
    """Find the video a person means: by full id, path, exact title or the start of an id.

    Raises:
        UnknownNameError: None or several fit; the message lists the nearest.
    """
    by_id = session.scalar(select(VideoRow).where(VideoRow.video_id == name))
    if by_id is not None:
        return video_record(by_id)
    known = videos(session)
    for fitting in (
        [video for video in known if _is_at(video, name)],
        [video for video in known if video.title == name],
        [
            video
            for video in known
            if len(name) >= FEWEST_ID_CHARACTERS and video.video_id.startswith(name)
        ],
    ):
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise UnknownNameError(f"{name!r} stands for {_listed(fitting)}; name one by its id")
    raise UnknownNameError(f"no video {name!r} in this library; {_near(name, known)}")


def video_row(session: Session, video_id: str) -> VideoRow | None:
    """Find a video by its full id."""
    return session.scalar(select(VideoRow).where(VideoRow.video_id == video_id))


def require_video(session: Session, video_id: str) -> VideoRow:
    """Find a video by its full id.

    Raises:
        UnknownNameError: No video has it.
    """
    row = video_row(session, video_id)
    if row is None:
        raise UnknownNameError(
            f"no video {video_id!r} in this library; {_near(video_id, videos(session))}"
        )
    return row


def clips(session: Session, video_id: str, within: TimeSpan | None) -> list[Clip]:
    """List a video's clips in time order."""
    statement = (
        select(ClipRow)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .where(VideoRow.video_id == video_id)
        .order_by(ClipRow.start_milliseconds, ClipRow.ordinal)
    )
    if within is not None:
        statement = statement.where(
            overlapping(within, ClipRow.start_milliseconds, ClipRow.end_milliseconds)
        )
    return [clip_record(row, video_id) for row in session.scalars(statement)]


def evidence(
    session: Session, video_id: str, within: TimeSpan | None, kinds: Sequence[EvidenceKind] | None
) -> list[Evidence]:
    """List a video's evidence in time order."""
    wanted = []
    if within is not None:
        start, end = EvidenceRow.start_milliseconds, EvidenceRow.end_milliseconds
        wanted.append(overlapping(within, start, end))
    if kinds is not None:
        wanted.append(EvidenceRow.kind.in_([str(kind) for kind in kinds]))
    return _evidence_where(session, video_id, *wanted)


def _evidence_where(
    session: Session, video_id: str, *wanted: ColumnElement[bool]
) -> list[Evidence]:
    statement = (
        select(EvidenceRow, ClipRow.ordinal)
        .join(ClipRow, ClipRow.id == EvidenceRow.clip)
        .join(VideoRow, VideoRow.id == EvidenceRow.video)
        .where(VideoRow.video_id == video_id, *wanted)
        .order_by(
            EvidenceRow.start_milliseconds,
            EvidenceRow.end_milliseconds,
            EvidenceRow.kind,
            EvidenceRow.ordinal,
        )
    )
    return [evidence_record(row, video_id, ordinal) for row, ordinal in session.execute(statement)]


def summaries(
    session: Session, video_id: str, known: Collection[Evidence] | None = None
) -> list[Summary]:
    """List a video's summaries: its own first, then its scenes' in time order.

    Args:
        session: Of a transaction.
        video_id: Full.
        known: All of its evidence, where that was read already.
    """
    statement = (
        select(SummaryRow)
        .join(VideoRow, VideoRow.id == SummaryRow.video)
        .where(VideoRow.video_id == video_id)
    )
    rows = session.scalars(statement).all()
    if known is None:
        places = {place for row in rows for place in summary_places(row)}
        known = _evidence_at(session, video_id, places)
    evidence = places_of(known)
    found = [summary_record(row, video_id, evidence) for row in rows]
    return sorted(found, key=lambda part: (part.level is not SummaryLevel.VIDEO, part.ordinal))


def _evidence_at(
    session: Session, video_id: str, places: Collection[tuple[str, int]]
) -> list[Evidence]:
    """Read evidence of some kinds and ordinals."""
    ordinals: defaultdict[str, list[int]] = defaultdict(list)
    for kind, ordinal in places:
        ordinals[kind].append(ordinal)
    if not ordinals:
        return []
    is_named = (
        and_(EvidenceRow.kind == kind, EvidenceRow.ordinal.in_(numbers))
        for kind, numbers in ordinals.items()
    )
    return _evidence_where(session, video_id, or_(*is_named))


def evidence_by_id(session: Session, evidence_id: str) -> Evidence:
    """Find the evidence that a citation names.

    Raises:
        UnknownNameError: There is none.
    """
    short_id, kind, ordinal = ([*evidence_id.split("/"), "", ""])[:3]
    statement = (
        select(EvidenceRow, VideoRow.video_id, ClipRow.ordinal)
        .join(ClipRow, ClipRow.id == EvidenceRow.clip)
        .join(VideoRow, VideoRow.id == EvidenceRow.video)
        .where(
            func.substr(VideoRow.video_id, 1, SHORT_ID_CHARACTERS) == short_id,
            EvidenceRow.kind == kind,
            EvidenceRow.ordinal == (int(ordinal) if ordinal.isdecimal() else -1),
        )
    )
    row = session.execute(statement).first()
    found = row and evidence_record(row[0], row[1], row[2])
    if found is None or found.evidence_id != evidence_id:
        raise UnknownNameError(
            f"no evidence {evidence_id!r} in this library; its video was removed or indexed anew"
        )
    return found


def spaces(session: Session) -> list[Space]:
    """List the embedding spaces by id."""
    return [
        space_record(row) for row in session.scalars(select(SpaceRow).order_by(SpaceRow.space_id))
    ]


def stored_spaces(session: Session) -> list[StoredSpace]:
    """List what a vector index needs to know of each space."""
    return [
        StoredSpace(row.id, row.space_id, row.encoder_id, row.dimension, row.query_encoder_id)
        for row in session.scalars(select(SpaceRow).order_by(SpaceRow.id))
    ]


def find_space(session: Session, space_id: str) -> SpaceRow:
    """Find a space.

    Raises:
        UnknownNameError: There is none; the message lists those that are.
    """
    row = session.execute(
        select(SpaceRow).where(SpaceRow.space_id == space_id)
    ).scalar_one_or_none()
    if row is None:
        names = ", ".join(space.space_id for space in spaces(session)) or "none yet"
        raise UnknownNameError(f"no space {space_id!r} in this library; it has {names}")
    return row


def stage_runs(session: Session, video_id: str) -> list[StageRun]:
    """List a video's finished stages in the order they were published."""
    statement = (
        select(StageRunRow)
        .join(VideoRow, VideoRow.id == StageRunRow.video)
        .where(VideoRow.video_id == video_id)
        .order_by(StageRunRow.id)
    )
    return [stage_run_record(row) for row in session.scalars(statement)]


def thumbnail_name(session: Session, clip: Clip) -> str | None:
    """Read the file name of a clip's thumbnail."""
    return session.scalar(
        select(ClipRow.thumbnail)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .where(VideoRow.video_id == clip.video_id, ClipRow.ordinal == clip.ordinal)
    )


def thumbnail_names(session: Session, video_id: str) -> dict[int, str]:
    """Map a video's clip ordinals to the file names of their thumbnails."""
    found = session.execute(
        select(ClipRow.ordinal, ClipRow.thumbnail)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .where(VideoRow.video_id == video_id, ClipRow.thumbnail.is_not(None))
        .order_by(ClipRow.ordinal)
    )
    return {ordinal: name for ordinal, name in found if name is not None}


def _is_at(video: Video, name: str) -> bool:
    return name in video.paths or os.path.abspath(name) in video.paths


def _near(name: str, known: Sequence[Video]) -> str:
    by_name = {video.title: video for video in known} | {
        Path(video.path).name: video for video in known
    }
    near = dict.fromkeys(
        by_name[match] for match in difflib.get_close_matches(name, by_name, MOST_SUGGESTIONS, 0.4)
    )
    if near:
        return f"did you mean {_listed(list(near))}?"
    return f"it has {_listed(known)}" if known else "it holds none yet"


def _listed(found: Sequence[Video]) -> str:
    names = [f"{video.short_id} ({video.title})" for video in found[:MOST_SUGGESTIONS]]
    more = len(found) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
