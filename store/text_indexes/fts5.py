"""Full-text search by SQLite's FTS5; triggers of the first migration keep it in step.

The words are a person's, so every one is quoted: FTS5 then reads it as text, whatever operators
(``NEAR``, ``*``, ``-``, ``:``) it looks like.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Float,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from store.interfaces import TextMatch, TokenRun
from store.records import Scope
from store.scoping import conditions
from store.tables import EvidenceRow, VideoRow
from store.tokens import encodable

# Scores that differ by less are equal: sums in another order must not change the ranking.
SCORE_DIGITS = 9

_INDEX = table("evidence_text", column("rowid", Integer), column("rank", Float))
_VOCABULARY = table("evidence_term", column("term", String), column("doc", Integer))
_MATCH = literal_column("evidence_text").op("MATCH", is_comparison=True)


def match_expression(texts: Sequence[str]) -> str:
    """Write the FTS5 expression that matches any of the texts, each as its words in a row.

    Example:
        >>> match_expression(["NEAR(", 'a "no" b'])
        '"NEAR(" OR "a ""no"" b"'
    """
    return " OR ".join('"' + text.replace('"', '""') + '"' for text in texts)


class Fts5Index:
    """The virtual table ``evidence_text`` and its vocabulary ``evidence_term``."""

    def add(self, session: Session, video: int) -> None:
        """Leave it to the triggers."""

    def drop(self, session: Session, video: int) -> None:
        """Leave it to the triggers."""

    def count_evidence(self, session: Session, tokens: Sequence[str]) -> dict[str, int]:
        """Ask the vocabulary."""
        wanted = select(_VOCABULARY.c.term, _VOCABULARY.c.doc)
        found = session.execute(wanted.where(_VOCABULARY.c.term.in_(list(tokens))))
        return {term: count for term, count in found}

    def search(
        self, session: Session, runs: Sequence[TokenRun], k: int, scope: Scope
    ) -> list[TextMatch]:
        """Rank inside FTS5, over as few columns as the scope needs."""
        rank = func.round(_INDEX.c.rank, SCORE_DIGITS).label("score")
        ranked = select(_INDEX.c.rowid, rank).where(_MATCH(bindparam("expression")))
        if scope != Scope():
            ranked = (
                ranked.join(EvidenceRow, EvidenceRow.id == _INDEX.c.rowid)
                .join(VideoRow, VideoRow.id == EvidenceRow.video)
                .where(*conditions(scope, EvidenceRow, self))
            )
        expression = match_expression([run.text for run in runs])
        best = ranked.order_by(rank, _INDEX.c.rowid).limit(k)
        found = session.execute(best, {"expression": expression})
        return [TextMatch(row, -score) for row, score in found]

    def holding(self, texts: Sequence[str]) -> Select[Any]:
        """Ask the index without ranking."""
        expression = match_expression([encodable(text) for text in texts])
        return select(_INDEX.c.rowid).where(_MATCH(expression)).correlate(None)

    def problems(self, session: Session) -> Iterator[str]:
        """Let FTS5 compare itself with the evidence."""
        try:
            session.execute(
                text("INSERT INTO evidence_text(evidence_text, rank) VALUES ('integrity-check', 1)")
            )
        except DatabaseError as error:
            yield f"the full-text index does not fit the evidence ({error.orig})"

    def rebuild(self, session: Session) -> None:
        """Let FTS5 read the evidence again."""
        session.execute(text("INSERT INTO evidence_text(evidence_text) VALUES ('rebuild')"))
