"""Search by the words themselves: BM25 over the text of all evidence."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from retriever.source import Source, SourceHits
from retriever.words import QueryWords
from store.records import Hit, Scope
from store.tokens import Tokenizer

if TYPE_CHECKING:
    from store.library import Library


def search_lexical(
    library: "Library", source: Source, query: QueryWords, depth: int, scope: Scope
) -> SourceHits:
    """Find evidence that holds any of the query's words.

    Returns:
        At most ``depth`` hits; none when the query has no words, only signs.
    """
    if not query.terms:
        return SourceHits(source, ())
    hits = library.search_text(query.terms, depth, scope, phrases=query.phrases)
    return SourceHits(source, tuple(hits))


def word_shares(query: QueryWords, hits: Sequence[Hit]) -> dict[str, float]:
    """Measure which share of the query's words each piece of evidence holds.

    Args:
        query: Its words are compared as the index compares them: folded and stemmed.
        hits: Pictures are passed over.

    Returns:
        Evidence id to a share in ``[0, 1]``; a word of several tokens counts when all are there.
    """
    pieces = {hit.evidence.evidence_id: hit.evidence.text for hit in hits if hit.evidence}
    split = _tokenizer().split([*query.terms, *pieces.values()])
    terms = [set(tokens) for tokens in split[: len(query.terms)] if tokens]
    if not terms:
        return {}
    held = (set(tokens) for tokens in split[len(query.terms) :])
    return {
        name: sum(term <= tokens for term in terms) / len(terms)
        for name, tokens in zip(pieces, held, strict=True)
    }


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer()
