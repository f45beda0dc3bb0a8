"""Questions that name answers to choose among: whether the answers belong in the query.

They leak. The right answer's words stand among the choices, and a search that reads them looks for
what the question asks. What is found so is found for those who are given choices, and says nothing
of those who ask freely.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chain import FILMS, normalised
from benchmarks.comparison.judging import DEPTHS, Scored, found_of, judge
from benchmarks.comparison.material import AskedQuery, Material, asked_library
from benchmarks.trial_library import films_of, publish
from cinedex.api import open_library
from retriever.folding import HitKey, hit_key
from retriever.found import Asked
from retriever.options import SearchOptions
from store.library import Library
from store.records import Hit

NUM_DISTRACTORS = 3
ALONE = "the question alone"
EVERY_OPTION = "the question and all options"
BEST_OPTION = "the question with each option, the best taken"


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A question, its place and its options.

    Attributes:
        query: What a query would be whose truths are the question's.
        options: The right answer among them, in an order that is drawn.
    """

    query: AskedQuery
    options: tuple[str, ...]


def choice_rows(
    asked: Iterable[tuple[Material, Sequence[ChoiceQuestion]]],
) -> dict[str, list[Scored]]:
    """Judge the three ways to search for questions with options.

    Fused by minmax: the calibrated fusion asks which share of the query's words a line holds, and
    several queries have no words in common.
    """
    rows: dict[str, list[Scored]] = {ALONE: [], EVERY_OPTION: [], BEST_OPTION: []}
    for material, questions in asked:
        retriever = material.retriever(SearchOptions(fusion="minmax"))
        for question in questions:
            for name, said in _asked_by_way(material, question).items():
                found = found_of(retriever.moments(said, max(DEPTHS)))
                rows[name].append(Scored(question.query, judge(found, question.query.truths)))
    return rows


def _asked_by_way(material: Material, question: ChoiceQuestion) -> dict[str, Asked]:
    text = question.query.asked.words.text
    each = [material.ask(f"{text} {option}") for option in question.options]
    return {
        ALONE: question.query.asked,
        EVERY_OPTION: material.ask(" ".join((text, *question.options))),
        BEST_OPTION: best_of(question.query.asked, each),
    }


def best_of(alone: Asked, asked: Sequence[Asked]) -> Asked:
    """Keep the best score that a source gave each hit: what it says to several queries compares.

    Args:
        alone: What the same sources said to the question; all else is taken from it.
        asked: Of each option, at least one.
    """
    merged = []
    for at, said in enumerate(alone.results):
        best: dict[HitKey, Hit] = {}
        for hit in (hit for one in asked for hit in one.results[at].hits):
            name = hit_key(hit)
            if name not in best or hit.score > best[name].score:
                best[name] = hit
        hits = sorted(best.values(), key=lambda hit: (-hit.score, hit_key(hit)))
        depth = max(len(one.results[at].hits) for one in asked)
        merged.append(replace(said, hits=tuple(hits[:depth])))
    return replace(alone, results=tuple(merged))


def composed_questions(material: Material, folder: Path) -> list[ChoiceQuestion]:
    """Read the questions of a composed library whose place is known: of sentences and of cards."""
    document = json.loads((folder / "queries.json").read_text("utf-8"))
    places = {query.key: query for query in material.queries}
    rows = [
        {**row, "group": (row["key"].split()[0], row["half"])}
        for row in document["questions"]
        if row["answer"] is not None and row["key"] in places
    ]
    options = options_of({row["key"]: (row["answer"], row["group"]) for row in rows})
    return [
        ChoiceQuestion(
            replace(places[row["key"]], asked=material.ask(row["text"])), options[row["key"]]
        )
        for row in rows
    ]


def question_rows(path: Path, films: Sequence[str | None]) -> list[dict[str, Any]]:
    """Read answerable questions as ``asked_library`` takes queries, with their options.

    Args:
        path: Of ``questions.json`` or ``films.json``.
        films: Name of the file of each film.
    """
    document = json.loads(path.read_text("utf-8"))
    rows = document if isinstance(document, list) else document["questions"]
    rows = [row for row in rows if row["answers"]]
    split = {
        row["text"]: f"sample {row['split']}" if "split" in row else "development" for row in rows
    }
    options = options_of({row["text"]: (row["answers"][0], split[row["text"]]) for row in rows})
    return [
        {
            "key": row["text"],
            "text": row["text"],
            "kind": row.get("kind", ""),
            "half": split[row["text"]],
            "spans": [(films[row.get("film", 0)], *span) for span in row["spans"]],
            "options": options[row["text"]],
        }
        for row in rows
    ]


@contextmanager
def asked_questions(
    root: Path, rows: Sequence[dict[str, Any]]
) -> Iterator[tuple[Material, list[ChoiceQuestion]]]:
    """Open a library and ask questions of it."""
    with asked_library("questions", root, rows) as material:
        yield (
            material,
            [
                ChoiceQuestion(query, row["options"])
                for query, row in zip(material.queries, rows, strict=True)
            ],
        )


@contextmanager
def development_questions() -> Iterator[tuple[Material, list[ChoiceQuestion]]]:
    """Make the library of the invented films, and ask its questions."""
    films = films_of(FILMS)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "library"
        Library.create(root).close()
        with open_library(root) as opened:
            for film in films:
                publish(opened.store, *film, opened.composition.query_encoder())
        rows = question_rows(FILMS, [f"{title}.mp4" for title, _, _ in films])
        with asked_questions(root, rows) as made:
            yield made


def options_of(answers: Mapping[str, tuple[str, object]]) -> dict[str, tuple[str, ...]]:
    """Give each question its answer and other questions' answers of the same group.

    Args:
        answers: Question to its answer and its group.
    """
    generator = np.random.default_rng(0)
    options = {}
    for name, (answer, group) in answers.items():
        others = {normalised(text): text for text, other in answers.values() if other == group}
        others.pop(normalised(answer), None)
        drawn = generator.permutation(sorted(others.values()))[:NUM_DISTRACTORS].tolist()
        options[name] = tuple(generator.permutation([answer, *drawn]).tolist())
    return options
