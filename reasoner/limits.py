"""Limits of time and series that stand in the words of a question.

Apart from the planner because every backend reads them the same way, and because a rule that is
right
every time needs no model.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from store.timespan import TimeSpan

OPEN_END_SECONDS = 1_000_000.0
"""Stands for "until the end" where a limit has none; eleven days, longer than any video."""

NUMBER_WORDS = dict(
    zip(
        (
            *("one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten", "eleven", "twelve"),
        ),
        range(1, 13),
        strict=True,
    )
)
SECONDS_PER_UNIT = {"second": 1.0, "sec": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0}

_CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?"
_COUNT = rf"(?:\d+(?:\.\d+)?|an?|half an?|{'|'.join(NUMBER_WORDS)})"
_AMOUNT = rf"{_COUNT}[ -]?(?:seconds?|secs?|minutes?|mins?|hours?)"
_INSTANT = rf"(?:{_CLOCK}|(?:the )?(?:{_AMOUNT}|beginning|start)(?: mark)?)"
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NUMBER_WORDS)})"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a question says about where to look.

    Attributes:
        question: The words that are left.
        within: Time range inside each video; ``OPEN_END_SECONDS`` where the words name no end.
    """

    question: str
    within: TimeSpan | None = None
    season: int | None = None
    episode: int | None = None
    last_episode: bool = False


def read_limits(question: str) -> Limits:
    """Take the limits out of a question.

    An impossible limit ("between 2:00 and 1:00") is read the other way round; "at 5:30" is left
    alone, since
    it is a clock on a wall as often as a place in a film.

    Example:
        >>> read_limits("Who speaks between 1:05 and 1:20?").within
        TimeSpan(start_seconds=65.0, end_seconds=80.0)
    """
    limits = Limits(question)
    for pattern, read in _READERS:
        found = pattern.search(limits.question)
        if found is not None:
            left = limits.question[: found.start()] + " " + limits.question[found.end() :]
            limits = replace(read(limits, found), question=left)
    if limits == Limits(question):
        return limits
    return replace(limits, question=_tidied(limits.question))


def seconds_of(words: str) -> float:
    """Read an instant or an amount: ``1:05``, ``two minutes``, ``half an hour``, ``the start``."""
    words = words.lower().removeprefix("the ").removeprefix("first ").removesuffix(" mark")
    if words in ("beginning", "start"):
        return 0.0
    if ":" in words:
        seconds = 0.0
        for part in words.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds
    count, unit = re.split(r"[ -]?(?=seconds?$|secs?$|minutes?$|mins?$|hours?$)", words, maxsplit=1)
    return _count_of(count.strip()) * SECONDS_PER_UNIT[unit.rstrip("s")]


def _count_of(words: str) -> float:
    if words in ("a", "an"):
        return 1.0
    if words.startswith("half"):
        return 0.5
    return float(NUMBER_WORDS.get(words, 0) or words)


def _between(limits: Limits, found: re.Match[str]) -> Limits:
    ends = sorted((seconds_of(found["first"]), seconds_of(found["second"])))
    return _narrowed(limits, *ends)


def _from_start(limits: Limits, found: re.Match[str]) -> Limits:
    amount = found["amount"]
    counted = (
        amount if re.match(rf"(?:{_COUNT})[ -]?[a-z]", amount, re.IGNORECASE) else f"1 {amount}"
    )
    return _narrowed(limits, 0.0, seconds_of(counted))


def _after(limits: Limits, found: re.Match[str]) -> Limits:
    return _narrowed(limits, seconds_of(found["first"]), OPEN_END_SECONDS)


def _before(limits: Limits, found: re.Match[str]) -> Limits:
    return _narrowed(limits, 0.0, seconds_of(found["first"]))


def _narrowed(limits: Limits, start_seconds: float, end_seconds: float) -> Limits:
    """Intersect with what was read before; nothing in common leaves an empty span."""
    if limits.within is not None:
        start_seconds = max(start_seconds, limits.within.start_seconds)
        end_seconds = max(start_seconds, min(end_seconds, limits.within.end_seconds))
    start_seconds, end_seconds = (min(x, OPEN_END_SECONDS) for x in (start_seconds, end_seconds))
    return replace(limits, within=TimeSpan(start_seconds, end_seconds))


def _last_episode(limits: Limits, found: re.Match[str]) -> Limits:
    return replace(limits, last_episode=True)


def _numbered(limits: Limits, found: re.Match[str]) -> Limits:
    groups = found.groupdict()
    for name in ("season", "episode"):
        if groups.get(name):
            number = int(_count_of(groups[name].lower()))
            limits = (
                replace(limits, season=number)
                if name == "season"
                else replace(limits, episode=number)
            )
    return limits


def _tidied(text: str) -> str:
    """Close the gaps that taken-out words leave."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([?!.,;])", r"\1", text).strip()
    text = re.sub(r"^[,;]\s*|[,;]+(?=[?!.]*$)", "", text)
    return text[:1].upper() + text[1:]


_Reader = Callable[[Limits, re.Match[str]], Limits]
_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    (
        rf"\b(?:between|from) (?P<first>{_INSTANT}) "
        rf"(?:and|to|until|till) (?P<second>{_INSTANT})\b",
        _between,
    ),
    (
        rf"\b(?:in|during|within|for) the first (?P<amount>(?:{_COUNT}[ -]?)?"
        r"(?:seconds?|secs?|minutes?|mins?|half an hour|hours?))\b",
        _from_start,
    ),
    (
        rf"\b(?:after|since|from) (?P<first>{_CLOCK}|(?:the )?(?:first )?{_AMOUNT}(?: mark)?)\b"
        r"(?! (?:later|of|in|on|with|at) (?:the|a|an|his|her|their)\b)",
        _after,
    ),
    (
        rf"\b(?:before|until|till|up to) "
        rf"(?P<first>{_CLOCK}|the {_AMOUNT} mark|{_AMOUNT}(?= in\b))",
        _before,
    ),
    (r"\b(?:in|of|during|from) the (?:last|latest|final|newest) episode\b", _last_episode),
    (r"\b(?:in |of |during |from )?s(?P<season>\d{1,2})[ .]?e(?P<episode>\d{1,3})\b", _numbered),
    (
        rf"\b(?:in|of|during|from) (?:the )?season (?P<season>{_NUMBER})"
        rf"(?:,? (?:of )?episode (?P<episode>{_NUMBER}))?\b",
        _numbered,
    ),
    (
        rf"\b(?:in|of|during|from) episode (?P<episode>{_NUMBER})"
        rf"(?: (?:of|in) season (?P<season>{_NUMBER}))?\b",
        _numbered,
    ),
)
_READERS = tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in _PATTERNS)
