"""Which writing systems a text is written in, told by the names of its letters in Unicode."""

import re
import unicodedata
from collections.abc import Collection

# How names of letters begin, where that is not the name of the script.
_BEGINNINGS = {"Han": ("CJK", "IDEOGRAPHIC")}
# Letters of no script, such as the apostrophe of transcriptions.
_COMMON = frozenset({"MODIFIER"})
# Shorter ones are signs of units and formulas: μm, π.
_WORD = re.compile(r"[^\W\d_]{3,}")


def has_foreign_word(text: str, scripts: Collection[str]) -> bool:
    """Say whether a word of three letters or more holds a letter of none of some scripts.

    Args:
        text: Of any kind.
        scripts: As Unicode calls them: ``Latin``, ``Han``, ``Cyrillic``.

    Example:
        >>> [has_foreign_word(text, {"Latin"}) for text in ("5 μm", "naïve", "Ωmega", "한국어")]
        [False, False, True, True]
    """
    known = _COMMON.union(*(_BEGINNINGS.get(name, (name.upper(),)) for name in scripts))
    words = _WORD.findall(unicodedata.normalize("NFKC", text))
    return any(_first_word(letter) not in known for word in words for letter in word)


def _first_word(letter: str) -> str:
    return re.split("[ -]", unicodedata.name(letter, ""))[0]
