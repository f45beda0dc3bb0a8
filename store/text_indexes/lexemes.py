"""Tokens as PostgreSQL reads them, in a tsvector and in a query."""

from collections.abc import Iterator, Mapping, Sequence

# Stands in no token: the tokenizer takes control characters for spaces.
TIMES = "\x1f"


def tsvector_literal(tokens: Sequence[str]) -> str:
    r"""Write tokens as PostgreSQL reads a tsvector.

    Example:
        >>> tsvector_literal(["door", "o'neil", "door"])
        "'door':1,3 'door\x1f2' 'o''neil':2"
    """
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, start=1):
        places.setdefault(token, []).append(place)
    return " ".join(_lexemes(places))


def _lexemes(places: Mapping[str, Sequence[int]]) -> Iterator[str]:
    for token, at in places.items():
        yield f"{quoted(token)}:{','.join(map(str, at))}"
        for times in range(2, len(at) + 1):
            yield quoted(f"{token}{TIMES}{times}")


def in_a_row(tokens: Sequence[str]) -> str:
    """Write a query for tokens that stand in a row."""
    return " <-> ".join(map(quoted, tokens))


def quoted(lexeme: str) -> str:
    """Write one word of a tsvector or a query."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
