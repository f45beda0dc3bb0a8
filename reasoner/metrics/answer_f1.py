"""F1 of an answer: how many words it shares with an accepted one."""

from collections.abc import Sequence

from reasoner.metrics.normalised_answer import normalised_answer
from reasoner.metrics.token_f1 import token_f1


def answer_f1(text: str, accepted: Sequence[str]) -> float:
    """Compute F1 of one answer in words: the best token-F1 with an accepted wording.

    Words are those that ``normalised_answer`` leaves.

    Args:
        text: What was answered; empty where nothing was, which scores 0.
        accepted: Wordings, at least one.

    Raises:
        ValueError: No wording is accepted.

    Source:
        Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016,
        section 6.1, "(macro-averaged) F1 score"; its evaluation script, version 1.1.

    Example:
        >>> answer_f1("It is a red boat.", ["a red boat", "the boat"])
        0.6666666666666666
    """
    if not accepted:
        raise ValueError("needs a wording that is accepted")
    said = normalised_answer(text)
    return max(token_f1(said, normalised_answer(each)) for each in accepted)
