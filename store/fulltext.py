"""Words to evidence: SQLite's FTS5 and its BM25.

The words are a person's, so every one is quoted: FTS5 then reads it as text, whatever operators
(``NEAR``, ``*``, ``-``, ``:``) it looks like.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Float, Integer, Subquery, bindparam, column, literal_column, select, table
from sqlalchemy.orm import Session

from store.records import Hit, Scope
from store.rows import clip_record, evidence_record
from store.scoping import conditions
from store.tables import ClipRow, EvidenceRow, VideoRow

# What FTS5 is asked at once; more words than anyone types, few enough to answer in time.
MOST_TERMS = 1000

_INDEX = table("evidence_text", column("rowid", Integer), column("rank", Float))
_MATCHES = literal_column("evidence_text").op("MATCH", is_comparison=True)(bindparam("expression"))


def match_expression(terms: Iterable[str], phrases: Iterable[str]) -> str:
    """Write the FTS5 expression that matches any term or phrase; empty where there are none.

    A term that the tokenizer splits (``don't``) is matched as its parts in a row.

    Example:
        >>> match_expression(["NEAR(", 'a "no" b'], [])
        '"NEAR(" OR "a ""no"" b"'
    """
    cleaned = (_clean(text) for text in (*phrases, *terms))
    distinct = list(dict.fromkeys(text for text in cleaned if text))[:MOST_TERMS]
    return " OR ".join('"' + text.replace('"', '""') + '"' for text in distinct)


def search_text(
    session: Session, terms: Sequence[str], phrases: Sequence[str], k: int, scope: Scope
) -> list[Hit]:
    """Find the evidence that matches best, best first."""
    expression = match_expression(terms, phrases)
    if not expression:
        return []
    best = _best(k, scope)
    statement = (
        select(EvidenceRow, ClipRow, VideoRow.video_id, best.c.rank)
        .join(best, best.c.rowid == EvidenceRow.id)
        .join(ClipRow, ClipRow.id == EvidenceRow.clip)
        .join(VideoRow, VideoRow.id == EvidenceRow.video)
        .order_by(best.c.rank, EvidenceRow.id)
    )
    found = session.execute(statement, {"expression": expression})
    hits = []
    for evidence, clip, video_id, rank in found:
        record = evidence_record(evidence, video_id, clip.ordinal)
        hits.append(Hit(clip_record(clip, video_id), record.span, -rank, record))
    return hits


def _best(k: int, scope: Scope) -> Subquery:
    """Rank inside FTS5, over as few columns as the scope needs."""
    ranked = select(_INDEX.c.rowid, _INDEX.c.rank).where(_MATCHES)
    if scope != Scope():
        ranked = (
            ranked.join(EvidenceRow, EvidenceRow.id == _INDEX.c.rowid)
            .join(VideoRow, VideoRow.id == EvidenceRow.video)
            .where(*conditions(scope, EvidenceRow.start_milliseconds, EvidenceRow.end_milliseconds))
        )
    return ranked.order_by(_INDEX.c.rank, _INDEX.c.rowid).limit(k).subquery()


def _clean(text: str) -> str:
    """Drop what ends an SQLite string early or cannot be encoded."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", " ").strip()
