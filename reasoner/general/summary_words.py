"""Words that ask for the whole: "what is this film about?", "summarise the last episode"."""

import re

from reasoner.general.works import NAMED_WORK, whole_work
from reasoner.reach import Asked, Reach

_OVERVIEW = (
    r"(?:summary|summari[sz]ation|overview|synopsis|outline|recap|gist|abstract|rundown|digest)"
)
_ADJECTIVES = r"(?:(?:short|brief|quick|rough|general|concise|one-line|complete|full)\s+)*"
_POINTS = (
    r"(?:(?:main|central|overall|general|key)\s+)?"
    r"(?:plot|storyline|story|gist|idea|point|message|topic|theme|subject|content)s?"
)
_HAPPENS = r"(?:happens|happened|is happening|goes on|went on|is going on|takes place|took place)"
_POLITE = re.compile(
    r"^(?:(?:please|hi|hello|ok|so|and)\b[,:]?\s+)*"
    r"(?:(?:can|could|would|will) you\s+)?(?:please\s+)?(?:to me\s+)?",
    re.IGNORECASE,
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"what(?:'s|\u2019s| is| was| are| were)(?: (?P<work>.+?))?(?: all| really| mainly)? about",
        r"what(?:'s|\u2019s| is| was)? (?P<work>(?:this|the) .+) deals? with",
        r"(?:tell me |explain |say )?what (?P<work>.+?) (?:is|are|was|were)(?: all)? about",
        r"(?:summari[sz]e|sum up|recap|outline)(?: (?:for )?me)?(?: (?P<work>.+?))?(?: for me)?",
        rf"(?:give|write|show|make|get|i (?:want|need|would like)|i'd like)(?: me| us)? "
        rf"(?:an?|the) {_ADJECTIVES}{_OVERVIEW}(?: (?:of|for|about|on) (?P<work>.+))?",
        rf"(?:an? |the )?{_ADJECTIVES}{_OVERVIEW}(?: (?:of|for) (?P<work>.+))?",
        rf"what(?:'s|\u2019s| is| was| are| were) the {_POINTS}"
        r"(?: (?:of|in|behind) (?P<work>.+))?",
        rf"what(?:'s|\u2019s| is| was| are) (?P<work>{NAMED_WORK})'s {_POINTS}",
        r"(?:what|which) (?:topics|subjects|themes) (?:does|do|did|are|is) (?P<work>.+?) "
        r"(?:cover|deal with|treat|discuss|about)",
        rf"what (?:does|do|did) (?P<work>{NAMED_WORK}) "
        r"(?:cover|deal with|treat|talk about|show|tell)",
        rf"what {_HAPPENS}(?: (?:in|of|during|throughout|over|across)(?: the course of)? "
        r"(?P<work>.+))?",
        rf"(?:what (?:is|was) (?:covered|discussed) in|tell (?:me|us) about|describe|explain) "
        rf"(?P<work>{NAMED_WORK}.*)",
        r"(?:tl;?dr)(?: of (?P<work>.+))?",
    )
)


def read_summary_words(question: str) -> Asked | None:
    """Read whether a whole is asked for, and which; ``None`` where not.

    A title that is named may be none: whoever knows the titles looks.
    """
    asked = _POLITE.sub("", question.strip()).rstrip("?!. ")
    for pattern in _PATTERNS:
        found = pattern.fullmatch(asked)
        if found is None:
            continue
        subjects = whole_work(found["work"] or "")
        return None if subjects is None else Asked(Reach.SUMMARY, subjects)
    return None
