"""The sources a library offers to a search, which of them can be asked, and what they said."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retriever.options import SourceKind
from store.errors import UnknownNameError
from store.records import Hit, Space

LEXICAL_SOURCE = "lexical"


@dataclass(frozen=True, slots=True)
class Source:
    """One way to find something in a library.

    Attributes:
        name: ``lexical``, or the id of an embedding space.
        space: ``None`` for lexical search.
    """

    name: str
    kind: SourceKind
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class SourceHits:
    """What one source found, best first.

    Attributes:
        vector: ``(1, D)``, the query in the source's space; ``None`` for lexical search.
    """

    source: Source
    hits: tuple[Hit, ...]
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SkippedSource:
    """A source that could not be asked, and why: shown to people, never swallowed."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """Sources that will be asked, and those that would have been."""

    chosen: tuple[Source, ...]
    skipped: tuple[SkippedSource, ...]


def choose_sources(
    spaces: Sequence[Space], encoder_ids: Collection[str], wanted: Iterable[str] | None = None
) -> SourceChoice:
    """Choose what to ask.

    Args:
        spaces: All that the library has.
        encoder_ids: Ids of the query encoders at hand.
        wanted: Names of sources or kinds of source (``lexical``, ``text``, ``picture``); ``None``
            for all.

    Raises:
        UnknownNameError: A wanted name is neither a source of this library nor a kind of source.
    """
    sources = [Source(LEXICAL_SOURCE, SourceKind.LEXICAL)]
    sources += [Source(space.space_id, SourceKind(space.embeds), space) for space in spaces]
    if wanted is not None:
        names = set(wanted)
        _check_names(names, sources)
        sources = [source for source in sources if names & {source.name, source.kind.value}]
    skipped = tuple(
        SkippedSource(source.name, _missing_encoder(source.space))
        for source in sources
        if source.space is not None and source.space.query_encoder_id not in encoder_ids
    )
    left_out = {skip.source for skip in skipped}
    return SourceChoice(tuple(source for source in sources if source.name not in left_out), skipped)


def _check_names(names: set[str], sources: Sequence[Source]) -> None:
    known = {kind.value for kind in SourceKind} | {source.name for source in sources}
    if unknown := sorted(names - known):
        raise UnknownNameError(
            f"No source is called {unknown[0]!r}; this library has {', '.join(sorted(known))}."
        )


def _missing_encoder(space: Space) -> str:
    return (
        f"its query encoder {space.query_encoder_id} is not loaded; "
        "pull its weights or choose the profile that the library was indexed with"
    )
