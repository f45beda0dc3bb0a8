"""How far a question reaches, read in its words: rules, because a rule says why."""

import re

from reasoner.general.count_words import read_count_words
from reasoner.general.order_words import read_order_words
from reasoner.general.summary_words import read_summary_words
from reasoner.limits import Limits, read_limits
from reasoner.reach import Asked, Reach

_LIMIT_AS_OBJECT = re.compile(
    r"\b(summari[sz]e|sum up|recap|outline|of|what(?:'s| is| was| are))\s+"
    r"(?=(?:the )?(?:last|latest|final|newest) episode|(?:the )?(?:season|episode) \w"
    r"|s\d{1,2} ?e\d|the first \S)",
    re.IGNORECASE,
)
_READERS = (read_count_words, read_order_words, read_summary_words)


def read_question(question: str) -> tuple[Limits, Asked]:
    """Read the limits in a question, and how far what is left of it reaches.

    "Summarise the last episode" names a limit where others name a film.
    """
    whole = _LIMIT_AS_OBJECT.sub(r"\1 in ", question, count=1)
    if whole != question:
        limits = read_limits(whole)
        asked = read_reach(limits.question)
        if asked.reach is Reach.SUMMARY:
            return limits, asked
    limits = read_limits(question)
    return limits, read_reach(limits.question)


def read_reach(question: str) -> Asked:
    """Read how far a question reaches.

    Args:
        question: Without limits of time and series.

    Returns:
        ``Reach.MOMENTS`` for all that no rule knows.

    Example:
        >>> read_reach("What is this film about?").reach, read_reach("Who is she?").reach
        (<Reach.SUMMARY: 'summary'>, <Reach.MOMENTS: 'moments'>)
    """
    for read in _READERS:
        asked = read(question)
        if asked is not None:
            return asked
    return Asked()
