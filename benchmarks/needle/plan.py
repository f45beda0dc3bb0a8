"""What a library holds and is asked: films as lists of shots, drawn from a seed.

Nothing has a time yet. A shot says by key which queries it satisfies: with all of its pictures,
with one of its lines or with what is written on it.
"""

from dataclasses import dataclass, field
from math import ceil

from benchmarks.needle.footage import HALVES, Footage, FootageShot, half_of
from benchmarks.needle.rendered import (
    Line,
    RenderedShot,
    Writing,
    filler_shot,
    picture_key,
    view_shots,
    with_lines,
    with_lower_third,
    written_card,
)
from benchmarks.needle.wording import Card, Drawing, Words

LEAST_SECONDS = 960.0  # by estimate, so that a film comes out at 15 minutes and more
LEFT_OUT_SHARE = 0.2
LONG_FILE_SECONDS = 100.0  # never left out: the films would get too short
VISUAL, SPOKEN, WRITTEN = "visual", "spoken", "written"
KINDS = (VISUAL, SPOKEN, WRITTEN)


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Attributes:
        key: Of its source (a file's query, a picture or a template), the same in every seed.
        kind: One of ``KINDS``; of an absent one, what it looks like.
        absent_words: Of an absent one of ours: words that no text of the library holds.
    """

    key: str
    text: str
    kind: str
    half: str
    absent_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        answer: ``None`` where the library does not hold it.
    """

    key: str
    text: str
    answer: str | None
    half: str


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """One film of one half, its shots in order of showing."""

    half: str
    shots: tuple[FootageShot | RenderedShot, ...]


@dataclass(slots=True)
class LibraryPlan:
    """A film of each half, and what is asked of both together.

    Attributes:
        queries: Those that some shot satisfies.
        absent: Those that none does.
        left_out: Names of footage files that are in no film.
    """

    seed: int
    films: list[FilmPlan] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    absent: list[Query] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def plan_library(
    seed: int, footage: Footage, words: Words, least_seconds: float = LEAST_SECONDS
) -> LibraryPlan:
    """Draw a library; the same arguments give the same plan.

    Args:
        seed: Any number from 0.
        footage: The real shots.
        words: What rendered shots say and show.
        least_seconds: Each film is filled up to this, by estimate, with shots that no query is
            about.
    """
    plan = LibraryPlan(seed)
    for number, half in enumerate(HALVES):
        drawing = Drawing(words, seed, number)
        shots: list[FootageShot | RenderedShot] = [
            *_footage_shots(plan, half, footage, drawing),
            *_rendered_shots(plan, half, words, drawing),
        ]
        seconds = sum(shot.estimated_seconds for shot in shots)
        while seconds < least_seconds:
            shots.append(filler_shot(len(shots), drawing))
            seconds += shots[-1].estimated_seconds
        plan.films.append(FilmPlan(half, tuple(drawing.shuffled(shots))))
    plan.absent += _unseen_queries(plan, footage)
    return plan


def _footage_shots(
    plan: LibraryPlan, half: str, footage: Footage, drawing: Drawing
) -> list[FootageShot]:
    files = [file for file in footage.files if half_of(file.name) == half]
    short = [file for file in files if file.seconds < LONG_FILE_SECONDS]
    left_out = drawing.shuffled(short)[: round(LEFT_OUT_SHARE * len(short))]
    plan.left_out += [file.name for file in left_out]
    kept = [file for file in files if file not in left_out]
    for file in kept:
        plan.queries += [Query(key, text, VISUAL, half) for key, text in file.queries.items()]
        plan.questions += [
            Question(file.name, question, answer, half) for question, answer in file.questions
        ]
    return [shot for file in kept for shot in file.shots]


def _unseen_queries(plan: LibraryPlan, footage: Footage) -> list[Query]:
    """List the queries of left-out files that no other file satisfies."""
    left_out = set(plan.left_out)
    return [
        Query(key, text, VISUAL, half_of(file.name))
        for file in footage.files
        if file.name in left_out
        for key, text in file.queries.items()
        if left_out.issuperset(footage.also.get(key, ()))
    ]


def _rendered_shots(
    plan: LibraryPlan, half: str, words: Words, drawing: Drawing
) -> list[RenderedShot]:
    lines = _lines(plan, half, words, drawing)
    writings = _writings(plan, half, words, drawing)
    lower_thirds = [writing for writing in writings if not writing.heading]
    pictures = [query for query in words.pictures if half_of(query.picture) == half]
    plan.queries += [
        Query(picture_key(query.picture), query.asked, VISUAL, half) for query in pictures
    ]
    views = drawing.shuffled([shot for query in pictures for shot in view_shots(query)])
    for number, writing in enumerate(lower_thirds):
        views[number] = with_lower_third(views[number], writing)
    cards = [written_card(writing) for writing in writings if writing.heading]
    shots = drawing.shuffled([*views, *cards])
    each = ceil(len(lines) / len(shots))
    return [
        with_lines(
            shot,
            drawing.shuffled([*lines[place * each : (place + 1) * each], Line(drawing.filler())]),
            drawing,
        )
        for place, shot in enumerate(shots)
    ]


def _lines(plan: LibraryPlan, half: str, words: Words, drawing: Drawing) -> list[Line]:
    """Draw the sentences that are asked for, and ask for some that are not said."""
    deeds = drawing.shuffled([deed for deed in words.deeds if half_of(deed.key) == half])
    num_absent = round(LEFT_OUT_SHARE * len(deeds))
    lines = []
    for place, deed in enumerate(deeds):
        sentence, asked = drawing.fill_deed(deed.said)
        key = f"deed {deed.key}"
        query, question = deed.asked.format(**asked), deed.question.format(**asked)
        if place < num_absent:
            plan.absent.append(Query(key, query, SPOKEN, half, (deed.object,)))
            plan.questions.append(Question(key, question, None, half))
            continue
        plan.queries.append(Query(key, query, SPOKEN, half))
        plan.questions.append(Question(key, question, asked["number"], half))
        lines.append(Line(sentence, key))
    return lines


def _writings(plan: LibraryPlan, half: str, words: Words, drawing: Drawing) -> list[Writing]:
    """Draw the texts that are asked for, and ask for some that are not written."""
    cards = drawing.shuffled([card for card in words.cards if half_of(card.key) == half])
    named = [card for card in cards if "{" in card.asked]
    absent = named[: round(LEFT_OUT_SHARE * len(cards))]
    writings = []
    for card in cards:
        drawn = drawing.fill_card()
        key = f"card {card.key}"
        query, question = card.asked.format(**drawn), card.question.format(**drawn)
        if card in absent:
            plan.absent.append(Query(key, query, WRITTEN, half, _names_in(card, drawn)))
            plan.questions.append(Question(key, question, None, half))
            continue
        plan.queries.append(Query(key, query, WRITTEN, half))
        plan.questions.append(Question(key, question, card.answer.format(**drawn), half))
        writings.append(_writing(key, card, drawn))
    return writings


def _names_in(card: Card, drawn: dict[str, str]) -> tuple[str, ...]:
    """List the invented names that a query holds."""
    surname = drawn["person"].split()[-1]
    held = {"{name}": drawn["name"], "{person}": surname}
    return tuple(word for slot, word in held.items() if slot in card.asked)


def _writing(key: str, card: Card, drawn: dict[str, str]) -> Writing:
    heading = tuple(text.format(**drawn) for text in card.heading)
    return Writing(key, heading, tuple(text.format(**drawn) for text in card.lines or card.lower))
