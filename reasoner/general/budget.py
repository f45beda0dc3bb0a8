"""What is kept of lines that are more than fit: some of every part, and not the beginning alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from store.records import Evidence

CHARACTERS_PER_TOKEN = 4
CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits into a budget.

    Attributes:
        lines: In the order of their parts, and in each part in time order.
        num_left_out: How many do not fit.
    """

    lines: tuple[Evidence, ...]
    num_left_out: int = 0


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of a text where no tokenizer is at hand: one for four characters.

    Example:
        >>> estimated_tokens("They will meet at the old mill.")
        8
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def fitted(
    parts: Sequence[Sequence[Evidence]],
    max_tokens: int,
    count_tokens: CountTokens = estimated_tokens,
) -> Fitted:
    """Keep the foremost line of every part, then the second of each, while they fit.

    Args:
        parts: Scenes or videos, each with its lines, the foremost first.
        max_tokens: That all lines may have together; the foremost is kept even if it has more.
        count_tokens: Of one line.

    Returns:
        Where not even one line of each part fits, parts far from each other go first.
    """
    kept: list[set[int]] = [set() for _ in parts]
    left = max_tokens
    for part, line in _rounds(parts):
        needed = count_tokens(parts[part][line].text)
        if needed <= left or not any(kept):
            kept[part].add(line)
            left -= needed
    lines = [
        line
        for part, places in zip(parts, kept, strict=True)
        for line in sorted((part[place] for place in places), key=lambda line: line.span)
    ]
    return Fitted(tuple(lines), sum(map(len, parts)) - len(lines))


def spread(count: int) -> list[int]:
    """Order places so that the first few of them, however many, lie far apart.

    Example:
        >>> spread(5)
        [0, 4, 2, 1, 3]
    """
    order = dict.fromkeys((0, count - 1) if count else ())
    stretches = [(0, count - 1)]
    while stretches:
        halves = [((first, last), (first + last) // 2) for first, last in stretches]
        order |= dict.fromkeys(middle for _, middle in halves)
        stretches = [
            stretch
            for (first, last), middle in halves
            for stretch in ((first, middle), (middle, last))
            if stretch[1] - stretch[0] > 1
        ]
    return [place for place in order if 0 <= place < count]


def _rounds(parts: Sequence[Sequence[Evidence]]) -> Iterator[tuple[int, int]]:
    order = spread(len(parts))
    for line in range(max(map(len, parts), default=0)):
        yield from ((part, line) for part in order if line < len(parts[part]))
