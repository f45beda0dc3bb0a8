"""How people name what they ask about as a whole: "this film", "the video called X", a title.

Apart because summaries are asked for by these words and counts end in them.
"""

import re

WORK = (
    r"(?:film|movie|video|episode|documentary|lecture|talk|show|series|season|program(?:me)?|clip"
    r"|recording|footage|course|lesson|library|collection|interview|podcast|broadcast|presentation"
    r"|tutorial|meeting|webinar)"
)
_ALL = r"(?:(?:whole|entire|full|complete|rest of the)\s+)?"
_WHICH = (
    r"(?:the|this|that|these|those|my|our|your|each|every|(?:all|both)(?: of)?"
    r"(?: (?:the|these|those|my|our))?)\s+"
)
NAMED_WORK = rf"(?:{_WHICH}){_ALL}{WORK}s?"
_BARE = re.compile(
    rf"(?:{NAMED_WORK}|{WORK}s|it(?: all)?|this|that|these|those|everything|all(?: of)? "
    r"(?:it|this|that|them))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?:{_WHICH})?{_ALL}{WORK}\s+(?:(?:that is |which is )?(?:called|named|titled|entitled)\s+)?"
    r"(?P<title>.+)",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"(?:he|she|they|you|we|i|who|what|where|when|why|how|which|about|with|of|in|on|there)\b",
    re.IGNORECASE,
)
_SMALL_THING = re.compile(
    r"(?:an?|the|this|that|these|those|his|her|their|its|my|our|your|some|any|each|every)\s+"
    r"(?!.*(?:[A-Z0-9]))"
)
_MARKS = "\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"


def whole_work(words: str) -> tuple[str, ...] | None:
    """Read what is asked about as a whole.

    Returns:
        Nothing in it for all that may be looked at; one title for a work that is named; ``None``
        for something that is neither, such as a thing inside a film.

    Example:
        >>> whole_work("this film"), whole_work("the film Nosferatu"), whole_work("the old boat")
        ((), ('Nosferatu',), None)
    """
    words = re.sub(r"^(?:of|in|from)\s+", "", " ".join(words.split()).strip(" ?!.,;"))
    if not words or _BARE.fullmatch(words):
        return ()
    named = _NAMED.fullmatch(words)
    title = (named["title"] if named else words).strip(" " + _MARKS)
    if not title or _NO_TITLE.match(title):
        return None
    return None if _SMALL_THING.match(title) and not named else (title,)
