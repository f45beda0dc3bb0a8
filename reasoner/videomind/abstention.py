"""Whether a reply says that it cannot tell: in the word that was asked for, or in others."""

import re

from reasoner.videomind.prompts import CANNOT_TELL

_ABSTAINS = re.compile(
    rf"\W*{CANNOT_TELL}\b"
    r"|\W*i(?:['\u2019]m|\sam)\s(?:sorry|not sure)\b"
    r"|[^.!?]*\b(?:can ?not|can['\u2019]t|unable to|not able to|impossible to)\s"
    r"(?:be\s)?(?:tell|told|say|said|see|seen|determined?|identify|identified|describe)",
    re.IGNORECASE,
)


def abstains(reply: str) -> bool:
    """Say whether a reply begins by saying that it cannot tell.

    Example:
        >>> abstains("UNCLEAR"), abstains("The water is unclear.")
        (True, False)
    """
    return bool(_ABSTAINS.match(reply))
