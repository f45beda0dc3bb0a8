"""What shape an answer must have: a question that starts with "how many" wants a number.

A shape is necessary, never sufficient: it rules lines out.
"""

import re
from enum import StrEnum

from reasoner.pocket.wording import content_words, stem


class Expectation(StrEnum):
    """What the words of a question ask for."""

    NUMBER = "number"
    YEAR = "year"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    DISTANCE = "distance"
    COLOUR = "colour"
    PERSON = "person"
    PLACE = "place"
    NAME = "name"
    ANYTHING = "anything"


_ASKS = tuple(
    (re.compile(pattern, re.IGNORECASE), expectation)
    for pattern, expectation in (
        (r"\b(?:what|which) colou?r\b|\bcolou?r of\b", Expectation.COLOUR),
        (
            r"\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b",
            Expectation.DURATION,
        ),
        (r"\bhow (?:far|deep|high|tall|wide|big|large|heavy|fast)\b", Expectation.DISTANCE),
        (
            r"\bhow (?:many|much|old)\b|\b(?:what|which) (?:number|price|age)\b|\bcosts?\b"
            r"|\bthe (?:number|price|age) of\b",
            Expectation.NUMBER,
        ),
        (r"\b(?:what|which) (?:year|century|decade)\b", Expectation.YEAR),
        (r"\b(?:what|which) (?:date|month)\b", Expectation.DATE),
        (
            r"\bwhen\b|\b(?:what|which) (?:day|season|hour|time|weekday)\b",
            Expectation.TIME,
        ),
        (
            r"\b(?:what|which) (?:city|town|country|place|village|street|building|room)\b"
            r"|\bwhere\b",
            Expectation.PLACE,
        ),
        (r"^\W*what\b.*\b(?:name of|called|named)\b|\bwhat name\b", Expectation.NAME),
        (r"\bwho\b|\bwhom\b|\bwhose\b", Expectation.PERSON),
    )
)

_NUMBER = (
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundred|thousand|million|billion|dozen|half)\b)"
)
_SPAN_OF_TIME = (
    r"(?:second|minute|hour|day|week|month|year|decade|centur|night|winter|summer|generation)"
)
_MONTHS = r"january|february|march|april|may|june|july|august|september|october|november|december"
_CALENDAR = (
    rf"\b(?:{_MONTHS}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|spring|summer|autumn|winter|morning|noon|evening|night"
    r"|midnight|today|yesterday|tomorrow|ago|century|christmas|easter|o'clock|dawn|dusk)\b"
)
_COLOURS = (
    r"\b(?:red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gr[ea]y|golden|gold|silver|beige"
    r"|turquoise|crimson|scarlet|cream|bronze|colourless|reddish|bluish|greenish)\b"
)
_MEASURES = (
    r"(?:met(?:er|re)|mile|feet|foot|inch|yard|light[ -]year|kilo|gram|ton|pound|litre|liter|acre"
    r"|\bk?m\b|\bcm\b|\bmm\b|\bkg\b|storey|times)"
)
_PEOPLE = (
    r"\b(?:i|me|my|we|he|she|they|father|mother|brothers?|sisters?|son|daughter|uncle|aunt|grand\w+|wife|husband"
    r"|friends?|neighbou?rs?|children|child|king|queen|doctor|teacher|captain|man|woman|boy|girl|people|family"
    r"|\w+(?:ist|smith|maker)|by)\b"
)
_PLACES = (
    r"\b(?:in|at|on|from|to|behind|near|beside|under|over|above|below|inside|outside|between|by|of)"
    r"\b"
)
_PROPER_NAME = r"(?<=[\w,;] )[A-Z][\w'-]+|\b[A-Z]{2,}\b|\b[A-Z][a-z]+ [A-Z][a-z]+"

_SHAPES: dict[Expectation, re.Pattern[str]] = {
    Expectation.NUMBER: re.compile(_NUMBER, re.IGNORECASE),
    Expectation.YEAR: re.compile(
        r"\b\d{3,4}s?\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:nineteen|eighteen|seventeen|twenty)\b"
        r"|\btwo thousand\b|\bcentury\b",
        re.IGNORECASE,
    ),
    Expectation.DATE: re.compile(
        rf"\b(?:{_MONTHS})\b|\b\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}\b", re.IGNORECASE
    ),
    Expectation.TIME: re.compile(rf"{_NUMBER}|{_CALENDAR}", re.IGNORECASE),
    Expectation.DURATION: re.compile(
        rf"(?:{_NUMBER}|\b(?:an?|all|many)\b)[\w\s,.-]{{0,24}}{_SPAN_OF_TIME}", re.IGNORECASE
    ),
    Expectation.DISTANCE: re.compile(rf"{_NUMBER}[\w\s,.-]{{0,24}}{_MEASURES}", re.IGNORECASE),
    Expectation.COLOUR: re.compile(_COLOURS, re.IGNORECASE),
    Expectation.PLACE: re.compile(_PLACES, re.IGNORECASE),
}


def expectation_of(question: str) -> Expectation:
    """Read what a question asks for.

    Example:
        >>> expectation_of("How many people voted?"), expectation_of("Why did he leave?")
        (<Expectation.NUMBER: 'number'>, <Expectation.ANYTHING: 'anything'>)
    """
    for pattern, expectation in _ASKS:
        if pattern.search(question):
            return expectation
    return Expectation.ANYTHING


def can_answer(question: str, text: str) -> bool:
    """Say whether a text holds something of the shape that a question asks for.

    What the question holds itself does not count.

    Example:
        >>> can_answer("How many people voted?", "187 voted no")
        True
        >>> can_answer("How many people voted?", "They voted on Sunday.")
        False
    """
    rest = without_words_of(question, text)
    if not content_words(rest):
        return False
    expectation = expectation_of(question)
    if expectation is Expectation.NAME:
        return _holds_name(rest)
    if expectation is Expectation.PERSON:
        return _holds_name(rest) or re.search(_PEOPLE, rest, re.IGNORECASE) is not None
    shape = _SHAPES.get(expectation)
    return shape is None or shape.search(rest) is not None


def _holds_name(text: str) -> bool:
    return any(content_words(found[0]) for found in re.finditer(_PROPER_NAME, text))


def without_words_of(question: str, text: str) -> str:
    """Put a dash for every content word that the question holds, whatever its inflection."""
    asked = {stem(word) for word in content_words(question)}
    return re.sub(
        r"[^\W_]+", lambda found: "-" if stem(found[0].lower()) in asked else found[0], text
    )
