"""Words that ask for what comes after, before or between: "what happens after the rocket?"."""

import re

from reasoner.reach import Asked, Reach

_HAPPENS = (
    r"what (?:else )?(?:happens|happened|comes|came|follows|followed|occurs|occurred|goes on"
    r"|takes place|took place|is (?:said|shown|seen|heard|told|being said|being shown|talked about)"
    r"|do (?:we|you) (?:see|hear)|does one (?:see|hear))(?: next| then)?"
)
_JUST = r"(?:right|just|immediately|directly|shortly|soon|straight|long)?\s*"
_AFTER, _BEFORE = r"(?:after|following|once)", r"(?:before|preceding|until|prior to)"
_PLACE = re.compile(
    r"^(?:the|that|a) (?:scene|moment|part|shot|point|bit|time|place|passage|sequence|line)s? "
    r"(?:(?:where|when|in which|with|that|of|about|at which|on|says|saying)\b\s*)+",
    re.IGNORECASE,
)
_TALKED_OF = re.compile(
    r"^(?:they|he|she|we|you|i|someone|somebody|people) "
    r"(?:talk|speak|tell|hear|see|learn|mention)s? (?:(?:about|of) )?(?=\S)",
    re.IGNORECASE,
)
_IS_THERE = re.compile(
    r" (?:(?:is|are|was|were|has been|have been) (?:shown|seen|mentioned|introduced|said|named"
    r"|displayed|heard|talked about|on (?:the )?screen|over|done|finished)"
    r"|(?<! the )(?:appear|begin|start|end|come up|show up|finishe?)s?)$",
    re.IGNORECASE,
)
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), reach)
    for pattern, reach in (
        (rf"{_HAPPENS} between (?P<first>.+?) and (?P<second>.+)", Reach.BETWEEN),
        (rf"between (?P<first>.+?) and (?P<second>.+), {_HAPPENS}", Reach.BETWEEN),
        (rf"{_HAPPENS} {_JUST}{_AFTER} (?P<first>.+)", Reach.AFTER),
        (rf"{_JUST}{_AFTER} (?P<first>.+), {_HAPPENS}", Reach.AFTER),
        (r"what (?:follows|comes next after) (?P<first>.+)", Reach.AFTER),
        (rf"{_HAPPENS} {_JUST}{_BEFORE} (?P<first>.+)", Reach.BEFORE),
        (rf"{_JUST}{_BEFORE} (?P<first>.+), {_HAPPENS}", Reach.BEFORE),
        (
            r"what (?:leads? up to|led up to|precede[sd]?|comes ahead of) (?P<first>.+)",
            Reach.BEFORE,
        ),
    )
)
_POINTS_AT_NOTHING = re.compile(r"(?:that|this|it|then|those|these)", re.IGNORECASE)


def read_order_words(question: str) -> Asked | None:
    """Read the moments that time is told by; ``None`` where the question tells it by none."""
    asked = question.strip().rstrip("?!. ")
    for pattern, reach in _PATTERNS:
        found = pattern.fullmatch(asked)
        if found is None:
            continue
        moments = tuple(map(_described, found.groups()))
        is_told = all(moments) and not any(map(_POINTS_AT_NOTHING.fullmatch, moments))
        return Asked(reach, moments) if is_told else None
    return None


def _described(moment: str) -> str:
    """Leave out what only says that there is a moment: "the scene where", "is shown"."""
    return _IS_THERE.sub("", _TALKED_OF.sub("", _PLACE.sub("", moment.strip(" ,"))))
