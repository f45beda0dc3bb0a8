"""How alike two readings of one text are."""

from difflib import SequenceMatcher

# Two readings at least this much alike are of one text, one of them misread.
LEAST_LIKENESS = 0.75


def likeness(first: str, second: str) -> float:
    """Compare two readings in ``[0, 1]``, blind to case, spaces and marks."""
    bare = ["".join(filter(str.isalnum, text.casefold())) for text in (first, second)]
    return SequenceMatcher(None, bare[0], bare[1], autojunk=False).ratio()
