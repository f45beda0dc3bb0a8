"""EM: the answer is one of the accepted ones, word for word."""

from collections.abc import Sequence

from reasoner.metrics.normalised_answer import normalised_answer


def exact_match(text: str, accepted: Sequence[str]) -> float:
    """Compute EM of one answer in words: 1 where it equals an accepted one, else 0.

    Both are compared as ``normalised_answer`` leaves them; nothing left is equal to nothing else.

    Args:
        text: What was answered; empty where nothing was.
        accepted: Wordings, at least one.

    Raises:
        ValueError: No wording is accepted.

    Source:
        Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016,
        section 6.1, the best of several wordings. Its script lets an answer of articles and
        punctuation alone equal another such; here neither is an answer.

    Example:
        >>> exact_match("A red boat.", ["the boat", "red boat"])
        1.0
    """
    if not accepted:
        raise ValueError("needs a wording that is accepted")
    said = normalised_answer(text)
    return float(bool(said) and any(said == normalised_answer(each) for each in accepted))
