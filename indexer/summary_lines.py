"""Lines that a summary may quote, what each weighs, and how alike two of them are."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.captions import SOURCE
from indexer.sentences import UNSPACED_LANGUAGES
from store.records import SPOKEN_KINDS, Embedding, Evidence, EvidenceKind

Float = NDArray[np.float64]

# How much a line of a kind tells of a film, by reading the summaries of films that were known:
# what is said tells most; one word for what is seen, and what a composed caption says of light and
# colours, stands where nothing else does.
KIND_WEIGHTS: Mapping[EvidenceKind, float] = {
    EvidenceKind.SPEECH: 1.0,
    EvidenceKind.SUBTITLE: 1.0,
    EvidenceKind.CAPTION: 1.0,
    EvidenceKind.SCREEN_TEXT: 0.8,
    EvidenceKind.MUSIC: 0.5,
    EvidenceKind.SOUND: 0.4,
    EvidenceKind.TAG: 0.2,
}
COMPOSED_WEIGHT = 0.4
FEWEST_SPOKEN_WORDS = 4
FULL_SENTENCE_WORDS = 10
CHARACTERS_PER_UNSPACED_WORD = 2
# The language that the pocket profile's models read best, where translations are equally many.
FIRST_LANGUAGE = "en"

NOTHING = np.zeros(1)

_SEEN_KINDS = (EvidenceKind.CAPTION, EvidenceKind.TAG)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One piece of evidence as a candidate.

    Attributes:
        words: Distinct, in small letters.
        vector: Unit length, in one of the spaces; all zeros where nothing is known.
        space: Which; vectors of different spaces are not compared.
        weight: In ``[0, 1]``, from its kind and how full a sentence it is.
    """

    evidence: Evidence
    words: frozenset[str]
    vector: Float
    space: str
    weight: float


def candidates(
    evidence: Sequence[Evidence],
    embeddings: Sequence[Embedding],
    shown: Mapping[int, Float],
) -> list[Line]:
    """Weigh what may be quoted of a video.

    Args:
        evidence: All of it.
        embeddings: What the embed stage made of it.
        shown: Clip ordinal to the mean of its pictures' vectors, which stands for what was said of
            the clip and has no vector of its own.
    """
    told = {part.evidence_id: part for part in embeddings if part.evidence_id is not None}
    num_written = Counter(
        part.clip_ordinal for part in evidence if part.kind is EvidenceKind.SCREEN_TEXT
    )
    lines = []
    for part in without_translations(evidence):
        words = _WORD.findall(part.text.casefold())
        weight = _weight(part, words)
        if part.kind is EvidenceKind.SCREEN_TEXT:
            weight /= num_written[part.clip_ordinal]  # many at once are credits, or a ticker
        if not words or weight <= 0:
            continue
        own = told.get(part.evidence_id)
        vector, space = (
            (shown.get(part.clip_ordinal, NOTHING), "")
            if own is None
            else (own.vector.astype(np.float64), own.space_id)
        )
        lines.append(Line(part, frozenset(words), vector, space, weight))
    return lines


def _weight(evidence: Evidence, words: Sequence[str]) -> float:
    """Weigh by kind, by how full a sentence it is and by how sure its source is.

    Fragments, such as "Okay.", weigh nothing.
    """
    weight = KIND_WEIGHTS[evidence.kind]
    if evidence.kind in SPOKEN_KINDS:
        num_words = _num_words(evidence, words)
        is_fragment = num_words < FEWEST_SPOKEN_WORDS
        weight *= 0.0 if is_fragment else min(1.0, num_words / FULL_SENTENCE_WORDS)
    elif evidence.kind is EvidenceKind.CAPTION and evidence.source == SOURCE:
        weight = COMPOSED_WEIGHT
    return weight if evidence.confidence is None else weight * evidence.confidence


def _num_words(evidence: Evidence, words: Sequence[str]) -> int:
    if evidence.language in UNSPACED_LANGUAGES:
        return sum(map(len, words)) // CHARACTERS_PER_UNSPACED_WORD
    return len(words)


def without_translations(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Leave out subtitles in another language than that in which most is said."""
    languages = (part.language for part in evidence if part.kind in SPOKEN_KINDS)
    counts = Counter(name for name in languages if name is not None)
    told = max(counts, key=lambda name: (counts[name], name == FIRST_LANGUAGE, name), default=None)
    return [
        part
        for part in evidence
        if part.kind is not EvidenceKind.SUBTITLE or part.language in (told, None)
    ]


def distinct(lines: Sequence[Line]) -> list[Line]:
    """Keep the first of lines that say the same, and of what is shown what says most.

    "Dog", or "a picture", says nothing beside "a picture of a dog".
    """
    kept = {line.words: line for line in reversed(lines)}
    seen = [line.words for line in kept.values() if line.evidence.kind in _SEEN_KINDS]
    return [
        line
        for line in reversed(kept.values())
        if line.evidence.kind not in _SEEN_KINDS or not any(line.words < more for more in seen)
    ]


def similarity(lines: Sequence[Line]) -> Float:
    """Compare ``L`` lines by cosine: ``(L, L)``; 0 between spaces, 1 with itself."""
    found = np.zeros((len(lines), len(lines)))
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        places[line.space].append(place)
    for here in places.values():
        rows = np.stack([lines[place].vector for place in here])
        found[np.ix_(here, here)] = rows @ rows.T
    np.fill_diagonal(found, 1.0)
    return found
