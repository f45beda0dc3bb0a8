"""Token-F1: how many words two texts share; the similarity that needs no model and no Java."""

from collections import Counter


def token_f1(text: str, other: str) -> float:
    """Compute ``2 * shared / (words of one + words of the other)``.

    Words are what white space separates, in lower case; one that comes twice in both is shared
    twice. Two texts without words share nothing.

    Source:
        Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016,
        without its removal of articles and punctuation.

    Example:
        >>> token_f1("the dog barks", "The cat sleeps")
        0.3333333333333333
    """
    words, others = Counter(text.lower().split()), Counter(other.lower().split())
    num_words = words.total() + others.total()
    return 2 * (words & others).total() / num_words if num_words else 0.0
