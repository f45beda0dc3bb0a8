"""Whether a reply says that it cannot tell: in the word that was asked for, or in others.

Only the model itself cannot tell: "I", "we", "it is unclear", nobody ("Unable to say"), or the
pictures that do not show enough. Of a man who cannot see the ship a caption tells.
"""

import re

from reasoner.videomind.prompts import CANNOT_TELL

_PICTURES = r"(?:the|these|this) (?:given |provided )?(?:pictures?|images?|frames?|video|clip|film)"
# What may stand before the model speaks of itself; nobody else is named in it.
_OPENING = (
    r"(?:(?:sorry|apologies|unfortunately|however)[,;.]? (?:but )?"
    rf"|(?:from|in|based on|given|judging by) {_PICTURES}(?: alone)?,? "
    rf"|(?:because |since |as )?{_PICTURES} (?:is|are) [^.!?\"\u201c,;]*[,;] (?:so |and )?)?"
)
_TELLING = r"(?:tell|say|know|determine|identify|describe|recogni[sz]e|make out|answer|discern)"
_NOT_ABLE = r"(?:can ?not|can't|could ?not|couldn't|(?:am |are |'m |'re )?(?:unable|not able) to)"
_IMPERSONAL = (
    r"it(?:'s| is| remains) (?:"
    r"(?:unclear|not clear|uncertain)\b"
    rf"|(?:impossible|not possible|hard|difficult)(?: for me)? to {_TELLING}\b)"
    r"|it (?:can ?not|can't) be (?:told|said|known|determined|identified|described|seen)\b"
)
_NOT_ENOUGH = (
    rf"{_PICTURES} (?:do|does)(?: not|n't) "
    rf"(?:(?:show|tell|say|reveal|give|provide) (?:enough|what|who|whom|where|when|why|how|whether)"
    rf"|\w+ enough)\b"
    rf"|{_PICTURES} (?:is|are) too [^.!?\"\u201c]*? to {_TELLING}\b"
)
_ABSTAINS = re.compile(
    rf"\W*(?:{CANNOT_TELL}\b"
    r"|i(?:'m| am) (?:sorry|not sure)\b"
    rf"|{_OPENING}(?:"
    rf"(?:i|we) ?(?:{_NOT_ABLE} (?:{_TELLING}|see)|(?:do not|don't) know)\b"
    rf"|{_IMPERSONAL}"
    rf"|(?:can ?not|can't|unable to|not able to|impossible to) {_TELLING}\b"
    rf"|{_NOT_ENOUGH}))",
    re.IGNORECASE,
)


def abstains(reply: str) -> bool:
    """Say whether a reply begins by saying that it cannot tell.

    Example:
        >>> abstains("It is unclear who she is."), abstains("The water is unclear.")
        (True, False)
    """
    return bool(_ABSTAINS.match(" ".join(reply.split()).replace("\u2019", "'")))
