"""An answer as SQuAD compares it: what does not change its meaning is taken off."""

import re
import string

ARTICLES = re.compile(r"\b(?:a|an|the)\b")
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised_answer(text: str) -> str:
    """Lower the case, drop ASCII punctuation, then the English articles, and tidy white space.

    Punctuation leaves nothing behind (``ship's`` becomes ``ships``), an article a gap.

    Source:
        Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016,
        section 6.1; the order of its evaluation script, version 1.1.

    Example:
        >>> normalised_answer(" The  ship's boat, a red one.")
        'ships boat red one'
    """
    bare = text.lower().translate(NO_PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", bare).split())
