"""A question turned into the beginning of the sentence that would answer it.

Sentences are nearer to sentences than questions are, both for an encoder and for a language model.
"""

import re

_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"^(?:what|which) colou?r (is|are|was|were) (.+)$", r"the colour of \2 \1"),
        (r"^what (?:is|was) the name of (.+)$", r"\1 is called"),
        (r"^what (is|are|was|were) (.+?) called$", r"\2 \1 called"),
        (r"^how many (.+?) (are|were|is|was) (there.*)$", r"\3 \2 \1"),
        (r"^how (old|tall|deep|high|far|long|big|wide) (is|are|was|were) (.+)$", r"\3 \2 \1"),
        (r"^who (?:is|was|are|were) (.+)$", r"\1 is"),
        (r"^who (?:did|does|do) (.+)$", r"\1"),
        (r"^who (.+)$", r"someone \1"),
        (r"^where does (he|she|it) (\w+?)(s|x|ch|sh)? (.+)$", r"\1 \2\3s \4 at"),
        (r"^where (?:did|do|does|will|can) (.+)$", r"\1 at"),
        (r"^where (is|are|was|were) (.+)$", r"\2 \1 in"),
        (r"^when (?:did|do|does|will) (.+)$", r"\1 in"),
        (r"^when (is|are|was|were) (.+)$", r"\2 \1 in"),
        (r"^why (?:did|do|does|is|are|was|were) (.+)$", r"\1 because"),
        (r"^how (?:did|do|does|will|would|can) (.+)$", r"\1 by"),
        (r"^(?:(?:in|on|at|for|from|to) )?(?:what|which) (\w+) (?:did|do|does) (.+)$", r"\2 \1"),
        (r"^what (?:did|do|does|will|can) (.+)$", r"\1"),
        (r"^(?:what|which) (.+)$", r"\1"),
    )
)


def statement_of(question: str) -> str:
    """Turn a question into a statement without its answer; other text only loses its last stop.

    Example:
        >>> statement_of("Where does she say they will meet?")
        'she says they will meet at'
    """
    bare = " ".join(question.split()).rstrip("?!. ")
    for pattern, replacement in _RULES:
        if pattern.match(bare):
            return pattern.sub(replacement, bare)
    return bare
