"""Search by the words themselves: BM25 over the text of all evidence."""

from typing import TYPE_CHECKING

from retriever.source import Source, SourceHits
from retriever.words import QueryWords
from store.records import Scope

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
