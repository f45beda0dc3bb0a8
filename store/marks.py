"""The marks of a library, read and written together, and their form in an archive.

A right moment refutes that nothing was there: whoever marks one takes the absence of its query
back, and an absence is not taken where something right is known.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import QueryError
from store.json_values import JsonObject, integer, items
from store.mark import Asked, Mark, Subject, Verdict
from store.rows import mark_columns, mark_record
from store.scope_values import read_scope, scope_values
from store.tables import MarkRow
from store.timespan import TimeSpan

Known = dict[Asked, dict[Subject, tuple[int, Mark]]]
"""Marks by query and subject, with their row ids."""


class Marks:
    """What people said of what was found in one library.

    Args:
        database: Its catalogue.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, query: str | None = None) -> list[Mark]:
        """Read the marks on a query in any scope, or every mark, oldest first."""
        with self._database.reading() as session:
            known = _known(session, query)
        marks = [mark for group in known.values() for _, mark in group.values()]
        return sorted(marks, key=_order)

    def put(self, mark: Mark) -> tuple[Mark, ...]:
        """Keep a mark.

        Returns:
            What it took the place of: another verdict on the same span, and where it is right the
            word that nothing was there.

        Raises:
            QueryError: It says that nothing is there, and something is marked right.
        """

        def work(session: Session) -> tuple[Mark, ...]:
            group = _known(session, mark.query).get(mark.asked, {})
            if num_right := _num_refuting(mark, group):
                raise QueryError(
                    f"{mark.query!r} has spans that are marked right ({num_right}); take those "
                    "marks back before you say that nothing is there"
                )
            return _replace(session, group, mark)

        return self._database.write(work)

    def remove(self, marks: Iterable[Mark]) -> int:
        """Take marks out, and say how many there were."""
        gone = {mark.subject for mark in marks}

        def work(session: Session) -> int:
            groups = _known(session).values()
            rows = [row for group in groups for on, (row, _) in group.items() if on in gone]
            return _delete(session, rows)

        return self._database.write(work)

    def merge(self, marks: Iterable[Mark]) -> int:
        """Keep marks of another library: all or none.

        Of two verdicts on one subject the later stays, ours where they are of one time.

        Args:
            marks: In any order.

        Returns:
            How many were new here, or newer.
        """
        given = list(marks)

        def work(session: Session) -> int:
            known = _known(session)
            num_taken = 0
            for mark in given:
                group = known.setdefault(mark.asked, {})
                if _num_refuting(mark, group) or _is_old(mark, group):
                    continue
                _replace(session, group, mark)
                num_taken += 1
            return num_taken

        return self._database.write(work)


def add_marks(session: Session, marks: Iterable[Mark]) -> None:
    """Write marks of which no two are on one subject into a catalogue that has none."""
    if rows := [mark_columns(mark) for mark in marks]:
        session.execute(insert(MarkRow), rows)


def written_mark(mark: Mark) -> bytes:
    """Write a mark down, in one line."""
    written = {
        "query": mark.query,
        "scope": scope_values(mark.scope),
        "verdict": mark.verdict,
        "marked_at": mark.marked_at.isoformat(timespec="milliseconds"),
        "video_id": mark.video_id,
        "span": _bounds(mark.span),
        "shown": _bounds(mark.shown),
        "note": mark.note,
    }
    return (json.dumps(written) + "\n").encode()


def read_mark(values: JsonObject) -> Mark:
    """Read what ``written_mark`` wrote.

    Raises:
        ValueError: Something else wrote it.
    """
    return Mark(
        query=values.text("query"),
        scope=read_scope(values.take("scope")),
        verdict=Verdict(values.text("verdict")),
        marked_at=datetime.fromisoformat(values.text("marked_at")),
        video_id=values.text_or_none("video_id"),
        span=_read_span(values, "span"),
        shown=_read_span(values, "shown"),
        note=values.text_or_none("note"),
    )


def _bounds(span: TimeSpan | None) -> list[int] | None:
    return None if span is None else [span.start_milliseconds, span.end_milliseconds]


def _read_span(values: JsonObject, name: str) -> TimeSpan | None:
    if values.took_null(name):
        return None
    start, end = (integer(bound, name) for bound in items(values.take(name), name, length=2))
    return TimeSpan.from_milliseconds(start, end)


def _known(session: Session, query: str | None = None) -> Known:
    """Read marks, of one query or of all."""
    statement = select(MarkRow).order_by(MarkRow.id)
    if query is not None:
        statement = statement.where(MarkRow.query == query)
    known: Known = {}
    for row in session.scalars(statement):
        mark = mark_record(row)
        known.setdefault(mark.asked, {})[mark.subject] = (row.id, mark)
    return known


def _num_refuting(mark: Mark, group: dict[Subject, tuple[int, Mark]]) -> int:
    """Count what is marked right where a mark says that nothing is there."""
    if mark.verdict is not Verdict.ABSENT:
        return 0
    return sum(known.verdict is Verdict.RIGHT for _, known in group.values())


def _is_old(mark: Mark, group: dict[Subject, tuple[int, Mark]]) -> bool:
    return mark.subject in group and mark.marked_at <= group[mark.subject][1].marked_at


def _replace(
    session: Session, group: dict[Subject, tuple[int, Mark]], mark: Mark
) -> tuple[Mark, ...]:
    """Write a mark in the place of those that it puts right."""
    gone = [
        subject
        for subject, (_, known) in group.items()
        if subject == mark.subject
        or (mark.verdict is Verdict.RIGHT and known.verdict is Verdict.ABSENT)
    ]
    taken_out = [group.pop(subject) for subject in gone]
    _delete(session, [row for row, _ in taken_out])
    made = insert(MarkRow).values(mark_columns(mark)).returning(MarkRow.id)
    group[mark.subject] = (session.execute(made).scalar_one(), mark)
    return tuple(known for _, known in taken_out)


def _delete(session: Session, rows: list[int]) -> int:
    for row in rows:
        session.execute(delete(MarkRow).where(MarkRow.id == row))
    return len(rows)


def _order(mark: Mark) -> tuple[object, ...]:
    """Order by time, and what is of one time by what it says, so that libraries agree."""
    return (mark.marked_at, written_mark(mark))
