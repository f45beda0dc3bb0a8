"""Saved answers and what people said of them, read and written together."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from store.json_values import JsonObject
from store.tables import AnswerRow, JudgementRow

ANSWERS_PER_STATEMENT = 200
MOST_LEVELS = 100


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's mark on an answer."""

    is_right: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An evidence bundle with its judgements, oldest first."""

    payload: dict[str, Any]
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """How many were new."""

    num_answers: int = 0
    num_judgements: int = 0


def saved_answers(session: Session) -> Iterator[SavedAnswer]:
    """Read every answer, oldest first, some at a time."""
    for _, answer in _numbered(session):
        yield answer


def add_answers(session: Session, answers: Iterable[SavedAnswer]) -> Added:
    """Keep answers after those that are there; what is there already is not kept twice.

    Args:
        session: Of a writing transaction.
        answers: Of another library, oldest first.
    """
    rows = {_digest(answer.payload): row for row, answer in _numbered(session)}
    num_answers = num_judgements = 0
    for answer in answers:
        digest = _digest(answer.payload)
        if digest not in rows:
            made = insert(AnswerRow).values(payload=answer.payload).returning(AnswerRow.id)
            rows[digest] = session.execute(made).scalar_one()
            num_answers += 1
        num_judgements += _add_judgements(session, rows[digest], answer.judgements)
    return Added(num_answers, num_judgements)


def written_answer(answer: SavedAnswer) -> bytes:
    """Write an answer down, in one line."""
    judgements = [{"is_right": mark.is_right, "note": mark.note} for mark in answer.judgements]
    written = {"payload": answer.payload, "judgements": judgements}
    return (json.dumps(written) + "\n").encode()


def read_saved_answer(values: JsonObject) -> SavedAnswer:
    """Read what ``written_answer`` wrote.

    Raises:
        ValueError: Something else wrote it.
    """
    payload = values.take("payload")
    if not isinstance(payload, dict):
        raise ValueError("the payload of an answer is no object")
    _require_shallow(payload)
    return SavedAnswer(payload, tuple(_read_mark(mark) for mark in values.items("judgements")))


def _require_shallow(payload: dict[str, Any]) -> None:
    """Refuse what can be read and, deeper in the program, not be written any more."""
    level: list[Any] = [payload]
    for _ in range(MOST_LEVELS):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError(f"the payload of an answer is nested more than {MOST_LEVELS} deep")


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _read_mark(value: object) -> Judgement:
    mark = JsonObject(value)
    judgement = Judgement(mark.truth("is_right"), mark.text_or_none("note"))
    mark.close()
    return judgement


def _numbered(session: Session) -> Iterator[tuple[int, SavedAnswer]]:
    last = 0
    while True:
        page = select(AnswerRow.id, AnswerRow.payload).where(AnswerRow.id > last)
        rows = session.execute(page.order_by(AnswerRow.id).limit(ANSWERS_PER_STATEMENT)).all()
        if not rows:
            return
        marks = _judgements(session, [row.id for row in rows])
        for row in rows:
            yield row.id, SavedAnswer(row.payload, tuple(marks.get(row.id, ())))
        last = rows[-1].id


def _judgements(session: Session, answers: list[int]) -> dict[int, list[Judgement]]:
    statement = select(JudgementRow).where(JudgementRow.answer.in_(answers))
    found: dict[int, list[Judgement]] = {}
    for row in session.scalars(statement.order_by(JudgementRow.id)):
        found.setdefault(row.answer, []).append(Judgement(row.is_right, row.note))
    return found


def _add_judgements(session: Session, answer: int, marks: Iterable[Judgement]) -> int:
    known = Counter(_judgements(session, [answer]).get(answer, ()))
    num_added = 0
    for mark in marks:
        if known[mark]:
            known[mark] -= 1
            continue
        values = {"answer": answer, "is_right": mark.is_right, "note": mark.note}
        session.execute(insert(JudgementRow).values(values))
        num_added += 1
    return num_added


def _digest(payload: dict[str, Any]) -> bytes:
    return blake2b(json.dumps(payload, sort_keys=True).encode(), digest_size=16).digest()
