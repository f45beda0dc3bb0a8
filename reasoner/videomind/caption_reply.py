"""What of a captioner's reply is a caption, if anything: no guess, no loop, no half sentence."""

import re
from collections import Counter

from reasoner.videomind.abstention import abstains

LOOP_WORDS = 4
LOOP_TIMES = 3
"""A run of so many words that comes back so often is a model that has lost its way."""

# The same letters four times on end, for scripts that put no spaces between words.
_STUTTERS = re.compile(r"(.{2,60}?)\1{3}", re.DOTALL)
_SENTENCE_ENDS = re.compile(r"[.!?](?=\s|$)|[\u3002\uff01\uff1f]")


def read_caption(reply: str, is_ended: bool) -> str | None:
    """Read a caption.

    Args:
        reply: What the model wrote.
        is_ended: Whether it came to an end by itself; else only whole sentences count.

    Returns:
        ``None`` where there is none: the model wrote nothing, said that it cannot tell, repeated
        itself, or was cut off in its first sentence.

    Example:
        >>> read_caption("A dog runs along a beach. It catches a", is_ended=False)
        'A dog runs along a beach.'
        >>> read_caption("UNCLEAR", is_ended=True)
    """
    text = " ".join(reply.split()).strip("\"'`\u201c\u201d ")
    if not any(letter.isalpha() for letter in text):
        return None
    if abstains(text) or is_looping(text):
        return None
    return text if is_ended else _whole_sentences(text)


def is_looping(text: str) -> bool:
    """Say whether a text repeats itself.

    Example:
        >>> is_looping("a man and a man and a man and a man")
        True
        >>> is_looping("A man walks in, a woman walks in, a dog walks out.")
        False
    """
    words = re.findall(r"\w+", text.casefold())
    runs = Counter(
        tuple(words[first : first + LOOP_WORDS]) for first in range(len(words) - LOOP_WORDS + 1)
    )
    return max(runs.values(), default=0) >= LOOP_TIMES or bool(_STUTTERS.search(text))


def _whole_sentences(text: str) -> str | None:
    ends = [match.end() for match in _SENTENCE_ENDS.finditer(text)]
    return text[: ends[-1]] if ends else None
