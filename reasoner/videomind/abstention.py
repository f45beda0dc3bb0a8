"""Whether a reply says that it cannot tell: in the word that was asked for, or in others.

Only the model itself cannot tell: "I", "we", "it is unclear", nobody ("Unable to say"), or the
pictures that do not show enough. Of a man who cannot see the ship a caption tells.
"""

import re

from reasoner.videomind.prompts import CANNOT_TELL

_PICTURES = r"(?:the|these|this) (?:given |provided )?(?:pictures?|images?|frames?|video|clip|film)"
_SORRY = r"(?:i(?:'m| am) sorry|i apologi[sz]e|sorry|apologies|unfortunately|however)"
# What may stand before the model speaks of itself; nobody else is named in it.
_OPENING = (
    rf"(?:{_SORRY}[,;.]? (?:but )?)?"
    rf"(?:(?:from|in|based on|given|judging by) {_PICTURES}(?: alone)?,? "
    rf"|(?:because |since |as )?{_PICTURES} (?:is|are) [^.!?\"\u201c,;]*[,;] (?:so |and )?)?"
)
# One can be told of others, unlike "say no to her" and "tell a lie".
_TELLING = (
    r"(?:tell(?! (?:an?|lies|the truth|him|them)\b)|say(?! (?:no|yes|hello|goodbye|sorry)\b)"
    r"|know|determine|identify|describe|recogni[sz]e|make out|answer|discern)"
)
_TOLD = r"(?:told|said|known|determined|identified|described|answered)"
_NOT = r"(?:can ?not|can't|could ?not|couldn't)"
_NOT_ABLE = rf"(?:{_NOT}|(?:am |are |'m |'re )?(?:unable|not able) to)"
_INFORMATION = r"(?:information|details?|context|evidence)\b"
_IMPERSONAL = (
    r"it(?:'s| is| remains) (?:"
    r"(?:unclear|not clear|uncertain)\b"
    rf"|(?:impossible|not possible|hard|difficult)(?: for me)? to {_TELLING}\b)"
    rf"|it {_NOT} be (?:{_TOLD}|seen)\b"
    rf"|(?:(?:the|this|that|your) (?:question|answer) )?{_NOT} be {_TOLD}\b"
    rf"|[^.!?\"\u201c,;]* {_NOT} be {_TOLD} (?:from|by|based on) {_PICTURES}"
    r"|there(?: is|'s) no information\b"
    rf"|there (?:(?:is|are) (?:not enough|insufficient)|(?:is|are)n't enough) {_INFORMATION}"
)
_NOT_ENOUGH = (
    rf"{_PICTURES} (?:do|does)(?: not|n't) (?:(?:mention|specify|provide)\b"
    rf"|(?:contain|give|include) (?:any |enough )?{_INFORMATION}"
    rf"|(?:show|tell|say|reveal|give) (?:enough|what|who|whom|where|when|why|how|whether)\b"
    rf"|\w+ enough\b)"
    rf"|{_PICTURES} (?:is|are) too [^.!?\"\u201c]*? to {_TELLING}\b"
)
_ABSTAINS = re.compile(
    rf"\W*(?:(?-i:{CANNOT_TELL})\b"
    rf"|{CANNOT_TELL} (?:who|what|where|when|why|how|whether|if|from)\b"
    rf"|(?:{CANNOT_TELL}|{_SORRY})\W*$"
    r"|i(?:'m| am) not sure\b"
    rf"|{_OPENING}(?:"
    rf"(?:i|we) ?(?:{_NOT_ABLE} (?:{_TELLING}|see|assist|help (?:you )?with)"
    r"|(?:do not|don't) know)\b"
    rf"|{_IMPERSONAL}"
    rf"|(?:{_NOT}|unable to|not able to|impossible to) {_TELLING}\b"
    rf"|{_NOT_ENOUGH}))",
    re.IGNORECASE,
)
_BUT = re.compile(r"[^.!?]*?(?:[,;.] (?:but|however)\b|\bbut (?=(?:he|she|it|they|there)\b))", re.I)
_OFFERS = re.compile(
    r"\W*(?:please|if|let me|feel free|you (?:can|may|could)"
    r"|(?:i|we)(?:'d| can| could| would)? (?:be happy to |be glad to )?(?:help|assist|try))\b",
    re.I,
)


def abstains(reply: str) -> bool:
    """Say whether a reply says no more than that it cannot tell.

    It begins so, and no statement follows it after a "but".

    Example:
        >>> abstains("It is unclear who she is."), abstains("The water is unclear.")
        (True, False)
        >>> abstains("I can't see her face, but she wears a red coat.")
        False
    """
    text = " ".join(reply.split()).replace("\u2019", "'")
    refusal = _ABSTAINS.match(text)
    if refusal is None:
        return False
    but = _BUT.match(text, refusal.end())
    return but is None or _says_nothing(text[but.end() :])


def _says_nothing(rest: str) -> bool:
    return not any(map(str.isalpha, rest)) or bool(_OFFERS.match(rest)) or abstains(rest)
