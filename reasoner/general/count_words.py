"""Words that ask how often something is said, shown or mentioned.

A number that is said once ("how many people voted?") is a moment; here occurrences are counted.
"""

import re
from dataclasses import replace

from reasoner.general.works import NAMED_WORK
from reasoner.reach import Asked, CountUnit, Reach, Tally
from store.records import SPOKEN_KINDS, EvidenceKind

WRITTEN_KINDS = (EvidenceKind.SCREEN_TEXT,)
SEEN_KINDS = (EvidenceKind.CAPTION, EvidenceKind.TAG)
HEARD_KINDS = (*SPOKEN_KINDS, EvidenceKind.SOUND, EvidenceKind.MUSIC)

_VERBS = (
    (
        "said",
        r"said|say|says|uttered|utter|spoken|repeated|repeat|quoted|quote|used?",
        SPOKEN_KINDS,
    ),
    (
        "mentioned",
        r"mention(?:ed|s)?|named?|talked about|talk about|spoken (?:of|about)|speak (?:of|about)"
        r"|discuss(?:ed)?|referred to|refer to|brought up|bring up|called",
        (*SPOKEN_KINDS, *WRITTEN_KINDS),
    ),
    ("heard", r"heard|hear|audible|sung|sing", HEARD_KINDS),
    ("written", r"written|readable|read|displayed|spelled(?: out)?", WRITTEN_KINDS),
    (
        "shown",
        r"show(?:n|s|ed)?|seen?|visible|pictured|depicted|filmed|on (?:the )?screen"
        r"|in (?:the )?(?:picture|frame|shot|view)",
        SEEN_KINDS,
    ),
    ("found", r"appears?|come up|occurs?|shows? up|crops? up|turn up|feature[sd]?|present", ()),
)
_TALLIES = tuple(
    (re.compile(pattern, re.IGNORECASE), Tally(verb, kinds)) for verb, pattern, kinds in _VERBS
)
_VERB = "|".join(pattern for _, pattern, _ in _VERBS)
_SPOKEN_VERB = f"{_VERBS[0][1]}|{_VERBS[1][1]}"
_WHO = r"\w+(?:[ .'-]+\w+){0,2}?"
_UNITS = r"scenes|clips|shots|videos|films|movies|episodes"
_HEAD = (
    r"(?:how many times|how often|how frequently|on how many occasions"
    rf"|in how many (?:different )?(?P<unit>{_UNITS}|places))"
)
_BE = r"(?:is|are|was|were|gets?|has|have|had)(?: been| being)?"
_DO = r"(?:do|does|did|can|could|has|have)"
_NO_OCCURRENCE = re.compile(
    r"how many times (?:an?|per|each|every|in a row|over|as|the (?:size|length|height|weight|price)"
    r"|(?:bigger|larger|smaller|more|less|faster|slower|heavier|longer|older|wider|higher|\w+er)"
    r"(?! (?:is|are|was|were|does|do|did)\b))\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"^(?:(?:please|can you|could you|would you)\b,?\s+)*(?:count|tell me|say|list|find out)\s+"
    r"(?=how (?:many|often)|in how many|on how many)",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"^(?:(?:please|can you|could you)\b,?\s+)*count (?:up )?(?:every|each|all|all the|the) "
    r"(?:(?:single )?(?:time|times|occasion|occasions) (?:that |when |where )?"
    r"|(?P<noun>mention|occurrence|appearance|instance|shot|use)s? of )",
    re.IGNORECASE,
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_HEAD} {_DO} (?:we|you|i|one|viewers?|people|the viewer|the audience) "
        r"(?P<verb>see|hear|read) (?P<subject>.+)",
        rf"{_HEAD} {_DO} (?P<speaker>{_WHO}) (?P<verb>{_SPOKEN_VERB}) "
        r"(?P<subject>.+)",
        rf"{_HEAD} {_BE} (?P<subject>.+?)(?: been)? (?P<verb>{_VERB})(?: by (?P<speaker>.+))?",
        rf"{_HEAD} {_DO} (?P<subject>.+?) (?:get |be )?(?P<verb>{_VERB})(?: on (?:the )?screen)?",
        rf"{_HEAD} {_BE} there (?P<subject>.+)",
        rf"in how many (?P<unit>{_UNITS}) (?:can one find|{_BE}) (?P<subject>.+)",
        rf"how many (?P<unit>{_UNITS}) (?P<verb>show|mention|name|feature|contain|have|include) "
        r"(?P<subject>.+)",
        r"how many (?P<noun>mention|occurrence|appearance|instance|use)s of (?P<subject>.+?)"
        r"(?: (?:are|is|were) there)?",
        rf"{_HEAD} (?P<subject>.+?) (?:{_BE} )?(?P<verb>{_VERB})(?: by (?P<speaker>.+))?",
    )
)
_GENERIC = re.compile(
    r"(?:how many times|on how many occasions) (?:do|does|did|has|have|is|are|was|were) "
    r"(?P<subject>.+)",
    re.IGNORECASE,
)
_EVERY_SUBJECT = re.compile(
    rf"(?P<subject>.+?) (?:(?:{_BE}) )?(?P<verb>{_VERB})(?: by (?P<speaker>.+))?", re.IGNORECASE
)
_EVERY_SAYING = re.compile(
    rf"(?P<speaker>{_WHO}) (?P<verb>{_SPOKEN_VERB}) (?P<subject>.+)", re.IGNORECASE
)
_SCOPE_WORDS = re.compile(
    rf"\s+(?:(?:in|during|throughout|within|over|across) {NAMED_WORK}|in total|in all|altogether"
    r"|overall|at all|(?:are|is) there)$",
    re.IGNORECASE,
)
_ANYBODY = re.compile(
    r"(?:he|she|they|it|we|you|i|one|any(?:one|body)|some(?:one|body)|people"
    rf"|the (?:narrator|speaker|host|voice|man|woman|presenter)s?|{NAMED_WORK})",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"^(?:an?|the|any|some|this|that|his|her|their|our)\s+", re.IGNORECASE)


def read_count_words(question: str) -> Asked | None:
    """Read what is counted, of which kinds of evidence; ``None`` where nothing is."""
    asked = _COMMAND.sub("", question.strip().rstrip("?!. "))
    while (shorter := _SCOPE_WORDS.sub("", asked)) != asked:
        asked = shorter
    if _NO_OCCURRENCE.match(asked):
        return None
    found = _every(asked) or next(
        filter(None, (pattern.fullmatch(asked) for pattern in _PATTERNS)), None
    )
    if found is not None:
        return _asked(found)
    generic = _GENERIC.fullmatch(asked)
    if generic is None:
        return None
    return Asked(Reach.COUNT, (_bare(generic["subject"]),), Tally("told of", may_be_told=True))


def _every(asked: str) -> re.Match[str] | None:
    command = _EVERY.match(asked)
    if command is None:
        return None
    rest = asked[command.end() :]
    if command["noun"]:
        return re.fullmatch(r"(?P<subject>.+)", rest)
    return _EVERY_SUBJECT.fullmatch(rest) or _EVERY_SAYING.fullmatch(rest)


def _asked(found: re.Match[str]) -> Asked | None:
    groups = {name: text for name, text in found.groupdict().items() if text}
    subject = _bare(groups["subject"])
    if not subject or _ANYBODY.fullmatch(subject):
        return None
    tally = _tally(groups.get("verb", ""))
    speaker = groups.get("speaker", "").strip()
    if not _ANYBODY.fullmatch(speaker):
        tally = replace(tally, speaker=speaker)
    return Asked(Reach.COUNT, (subject,), replace(tally, unit=_unit(groups.get("unit", ""))))


def _tally(verb: str) -> Tally:
    return next((tally for pattern, tally in _TALLIES if pattern.fullmatch(verb)), Tally("found"))


def _unit(word: str) -> CountUnit:
    units = {"clips": CountUnit.CLIPS, "shots": CountUnit.CLIPS, "scenes": CountUnit.SCENES}
    if word.lower() in units:
        return units[word.lower()]
    return CountUnit.VIDEOS if word and word.lower() != "places" else CountUnit.TIMES


def _bare(subject: str) -> str:
    return _DETERMINER.sub("", subject.strip(" ,"))
