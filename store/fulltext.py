"""Words to evidence: which of a query's words are asked of the index, and hits made of its answer.

BM25 costs by the number of rows that hold a word, and the commonest words cost most and tell least.
So the rarest words of a sentence are asked, few enough to answer in time; the index knows how rare
they are. Both databases choose by the same counts, so they find the same.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.errors import LibraryDamagedError
from store.interfaces import TextIndex, TextMatch, TokenRun
from store.records import Hit, Scope
from store.rows import clip_record, evidence_record
from store.tables import ClipRow, EvidenceRow, VideoRow
from store.tokens import Tokenizer, encodable

MOST_TERMS = 8
MOST_PHRASES = 8
# Rows scored for one query, the first term's aside: some 25 ms of FTS5's time.
MOST_MATCHES = 30_000
# Looked at before the rarest are chosen; more words than anyone types.
MOST_CANDIDATES = 1000


class TextSearch:
    """Searches the evidence of one library; safe to use from several threads.

    Args:
        index: Of its database.
    """

    def __init__(self, index: TextIndex) -> None:
        self._index = index
        self._tokenizer = Tokenizer()

    def search(
        self,
        session: Session,
        terms: Sequence[str],
        phrases: Sequence[str],
        k: int,
        scope: Scope,
    ) -> list[Hit]:
        """Find the evidence that matches best, best first."""
        words, quoted = self._runs(terms), self._runs(phrases)
        tokens = sorted({token for run in (*words, *quoted) for token in run.tokens})
        if not tokens:
            return []
        chosen = choose_runs(words, quoted, self._index.count_evidence(session, tokens))
        if not chosen:
            return []
        return _resolve(session, self._index.search(session, chosen, k, scope))

    def _runs(self, texts: Sequence[str]) -> list[TokenRun]:
        """Read words or phrases as the index does; those that name the same tokens are one.

        A word that the tokenizer splits (``don't``) is its parts in a row.
        """
        some = texts[:MOST_CANDIDATES]
        runs = {
            tokens: TokenRun(_printable(text), tokens)
            for text, tokens in zip(some, self._tokenizer.split(some), strict=True)
            if tokens
        }
        return list(runs.values())


def choose_runs(
    terms: Sequence[TokenRun], phrases: Sequence[TokenRun], counts: Mapping[str, int]
) -> list[TokenRun]:
    """Choose what the index is asked: the phrases, and the rarest terms.

    Args:
        terms: Any of them may match.
        phrases: The same; they are what a person put in quotation marks.
        counts: Token to the number of rows that hold it.

    Returns:
        At most ``MOST_PHRASES`` phrases and ``MOST_TERMS`` terms, rarest first, that together match
        at most ``MOST_MATCHES`` rows; the rarest term always. None that matches nothing.
    """

    def rows(run: TokenRun) -> int:
        return min(counts.get(token, 0) for token in run.tokens)

    chosen = [run for run in phrases if rows(run)][:MOST_PHRASES]
    known = sorted((run for run in terms if rows(run)), key=lambda run: (rows(run), run.tokens))
    matches = 0
    for place, run in enumerate(known[:MOST_TERMS]):
        matches += rows(run)
        if place and matches > MOST_MATCHES:
            break
        if all(run.tokens != phrase.tokens for phrase in chosen):
            chosen.append(run)
    return chosen


def _resolve(session: Session, matches: Sequence[TextMatch]) -> list[Hit]:
    statement = (
        select(EvidenceRow, ClipRow, VideoRow.video_id)
        .join(ClipRow, ClipRow.id == EvidenceRow.clip)
        .join(VideoRow, VideoRow.id == EvidenceRow.video)
        .where(EvidenceRow.id.in_([match.row for match in matches]))
    )
    found = {evidence.id: (evidence, clip, of) for evidence, clip, of in session.execute(statement)}
    hits = []
    for match in matches:
        if match.row not in found:
            raise LibraryDamagedError(
                "the full-text index names evidence that is not there; run `cinedex check --repair`"
            )
        evidence, clip, video_id = found[match.row]
        record = evidence_record(evidence, video_id, clip.ordinal)
        hits.append(Hit(clip_record(clip, video_id), record.span, match.score, record))
    return hits


def _printable(text: str) -> str:
    return encodable(text).strip()
