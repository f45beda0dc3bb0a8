"""What the name of a subtitle file says behind the name of its video: language and kind."""

import re
import unicodedata
from dataclasses import dataclass

from indexer.media.languages import is_language, named_language, short_language

SEPARATORS = "._ ()[]-"
_PART = re.compile(r"([._ ()\[\]-]*)([^._ ()\[\]-]+)")
_SDH_MARKS = frozenset(
    {"sdh", "cc", "hi", "caption", "captions", "closedcaption", "closedcaptions", "closed"}
    | {"hearing", "impaired", "hearingimpaired"}
)
_FORCED_MARKS = frozenset({"forced", "foreign"})
# `und` says that nobody knows the language.
_OTHER_MARKS = frozenset({"default", "full", "sub", "subs", "subtitle", "subtitles", "und"})
_COMMENTARY_MARKS = frozenset({"commentary", "commentaries", "comment", "comments"})
# How a language is spoken or written; none of them is a language where it follows one.
_REGIONS = frozenset({"br", "cn", "gb", "hk", "mx", "tw", "us", "hans", "hant", "latn", "cyrl"})
_REGION_WORDS = frozenset(
    {"american", "british", "canadian", "european", "mexican", "simplified"}
    | {"swiss", "traditional"}
)
_REGION_CODE = re.compile(r"[a-z]{2}|\d{3}")


@dataclass(frozen=True, slots=True)
class NameParts:
    """What was read behind a video's name.

    Attributes:
        language: ISO 639-1 code; ``None`` where none is stated.
        is_sdh: Whether it is marked as written for people who do not hear.
        is_forced: Whether it is marked as holding only what needs translation.
        is_commentary: Whether it is marked as what somebody says about the film.
        unknown: The parts that say nothing that is known.
    """

    language: str | None
    is_sdh: bool
    is_forced: bool
    is_commentary: bool
    unknown: tuple[str, ...]


def read_parts(behind: str) -> NameParts:
    """Read what stands behind the name of a video, in any spelling and with any separators.

    Example:
        >>> read_parts(".pt-BR[cc]")
        NameParts(language='pt', is_sdh=True, is_forced=False, is_commentary=False, unknown=())
        >>> read_parts(" (Director's Cut)").unknown
        ("director's", 'cut')
    """
    language: str | None = None
    marks: set[str] = set()
    unknown: list[str] = []
    is_behind_language = False
    for separator, part in _PART.findall(folded(behind)):
        if is_behind_language and _is_region(separator, part):
            continue
        stated = _language(part)
        is_behind_language = stated is not None and (language is None or part not in _SDH_MARKS)
        if is_behind_language:
            language = stated
        elif part in _SDH_MARKS | _FORCED_MARKS | _OTHER_MARKS | _COMMENTARY_MARKS | _REGION_WORDS:
            marks.add(part)
        elif not (part.isdigit() and (separator == "." or language or marks)):
            # `film.2.srt` is one more of the film's, `film 2.srt` is another film's.
            unknown.append(part)
    return NameParts(
        language,
        is_sdh=bool(marks & _SDH_MARKS),
        is_forced=bool(marks & _FORCED_MARKS),
        is_commentary=bool(marks & _COMMENTARY_MARKS),
        unknown=tuple(unknown),
    )


def composed(name: str) -> str:
    """Spell accents one way; some file systems keep them as marks of their own."""
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """Spell names that differ in capitals and accents' spelling one way."""
    return composed(composed(name).casefold())


def _is_region(separator: str, part: str) -> bool:
    if part in _REGIONS:
        return True
    is_joined = separator in ("-", "_") and part not in _SDH_MARKS
    return is_joined and bool(_REGION_CODE.fullmatch(part))


def _language(part: str) -> str | None:
    """Read a code or a name; ``hi`` is Hindi unless a language stands before it."""
    if part in _SDH_MARKS - {"hi"}:
        return None
    code = named_language(part) or short_language(part)
    return code if code is not None and is_language(code) else None
