"""What a search will look for, and where: a query as it was typed and a scope beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from retriever.filters import scope_of
from retriever.narrowing import narrowed
from retriever.query_language import parse_query
from store.errors import QueryError
from store.records import Scope, Video


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A query that was read.

    Attributes:
        text: What ranks: the words and phrases of the query.
        scope: What may be found: the filters of the query and the scope beside it, added up.
        emptied_by: Which contradiction leaves nothing to find, in words for a person; empty where
            there is none.
    """

    text: str
    scope: Scope
    emptied_by: str = ""


def plan_search(query: str, scope: Scope, find_video: Callable[[str], Video]) -> SearchPlan:
    """Read a query in the query language.

    Args:
        query: As typed.
        scope: What the caller allows; the query's filters never widen it.
        find_video: Finds the video that a person means.

    Raises:
        QuerySyntaxError: See ``parse_query``.
        QueryError: The query has filters and no words.
        UnknownNameError: It names a video that is not there.
    """
    written = parse_query(query)
    if query.strip() and not written.text.strip():
        raise QueryError("The query has only filters and exclusions; add words to look for.")
    of_query = scope_of(written.filters, find_video)
    words = Scope(phrases=written.phrases, without=written.without)
    place = narrowed(scope, of_query.scope, words)
    return SearchPlan(written.text, place.scope, of_query.emptied_by or place.emptied_by)
