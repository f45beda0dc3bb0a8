"""What the chain's roles are worth: answers, abstentions, spans, seconds, with and without each.

Run on an indexed library::

    python -m benchmarks.chain --library LIBRARY --questions questions.json --split tune

or, without ``--library``, on the invented films of ``benchmarks/development``.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from reasoner.answer import Answer, Role
from reasoner.chain import Chain
from reasoner.metrics.miop import first_iop
from reasoner.metrics.miou import first_iou
from reasoner.pocket.answerer import AnswererOptions, PocketAnswerer
from retriever.metrics.interval import bootstrap_interval
from store.timespan import TimeSpan

HERE = Path(__file__).parent
FILMS = HERE / "development" / "films.json"
RESULTS = HERE / "results"


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known about its answer."""

    text: str
    answers: tuple[str, ...]
    spans: tuple[TimeSpan, ...]

    @property
    def is_answerable(self) -> bool:
        """True when the film holds an answer."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the chain made of one question."""

    question: Question
    answer: Answer
    seconds: float

    @property
    def is_right(self) -> bool:
        """An acceptable answer is contained in the text, both normalised."""
        said = f" {normalised(self.answer.text)} "
        return not self.answer.abstained and any(
            f" {normalised(answer)} " in said for answer in self.question.answers
        )

    def overlap(self, measure: Callable[[Sequence[TimeSpan], Sequence[TimeSpan]], float]) -> float:
        """Compare the spans, best first, with the true ones."""
        return measure([grounded.span for grounded in self.answer.spans], self.question.spans)


@dataclass(frozen=True, slots=True)
class Variant:
    """A chain with something left out."""

    chain: Chain
    roles: Collection[Role] | None = None


def normalised(text: str) -> str:
    """Lower the case, drop articles and signs, join spaces; a decimal point stays."""
    words = re.findall(r"\d+(?:[.,:]\d+)*|[^\W_]+", text.lower())
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def read_questions(path: Path, split: str | None) -> list[Question]:
    """Read questions; those of another split are dropped before anything looks at them."""
    document = json.loads(path.read_text("utf-8"))
    rows = document if isinstance(document, list) else document["questions"]
    return [
        Question(
            row["text"], tuple(row["answers"]), tuple(TimeSpan(*span) for span in row["spans"])
        )
        for row in rows
        if split is None or row.get("split") == split
    ]


def variants_of(chain: Chain) -> dict[str, Variant]:
    """Return the whole chain, and the chain without each role."""
    variants = {"whole": Variant(chain)}
    for role in (Role.PLANNER, Role.GROUNDER, Role.VERIFIER):
        variants[f"no_{role}"] = Variant(chain, frozenset(Role) - {role})
    if isinstance(chain.answerer, PocketAnswerer):
        extractive = chain.answerer.configured(AnswererOptions(writes=False))
        variants["answerer_extractive"] = Variant(replace(chain, answerer=extractive))
    return variants


def run_variant(variant: Variant, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question once; the chain is warm when the first was asked before."""
    outcomes = []
    for question in questions:
        started = time.perf_counter()
        answer = variant.chain.ask(question.text, roles=variant.roles)
        outcomes.append(Outcome(question, answer, time.perf_counter() - started))
    return outcomes


def measure(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Sum up one variant; a figure with an interval is ``[value, low, high]``."""
    answerable = [outcome for outcome in outcomes if outcome.question.is_answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.question.is_answerable]
    abstained = [outcome for outcome in outcomes if outcome.answer.abstained]
    seconds = [outcome.seconds for outcome in outcomes]
    roles = sorted({role for outcome in outcomes for role in outcome.answer.seconds_by_role})
    return {
        "num_questions": len(outcomes),
        "answer_accuracy": _interval([outcome.is_right for outcome in answerable]),
        "overall_accuracy": _interval(
            [o.is_right or (o.answer.abstained and not o.question.is_answerable) for o in outcomes]
        ),
        "abstention_precision": _interval([not o.question.is_answerable for o in abstained]),
        "abstention_recall": _interval([outcome.answer.abstained for outcome in unanswerable]),
        "mIoU": _interval([outcome.overlap(first_iou) for outcome in answerable]),
        "mIoP": _interval([outcome.overlap(first_iop) for outcome in answerable]),
        "seconds_median": float(np.median(seconds)),
        "seconds_p90": float(np.percentile(seconds, 90)),
        "seconds_by_role": {
            role: float(np.median([o.answer.seconds_by_role.get(role, 0.0) for o in outcomes]))
            for role in roles
        },
        "fallbacks": sum(len(outcome.answer.fallbacks) for outcome in outcomes),
    }


def _interval(values: Sequence[float]) -> list[float]:
    """Return mean and 95% bootstrap interval; empty where there is nothing to average."""
    if not values:
        return []
    return [round(value, 3) for value in (sum(values) / len(values), *bootstrap_interval(values))]


def benchmark(chain: Chain, questions: Sequence[Question]) -> dict[str, Any]:
    """Measure every variant of a chain."""
    run_variant(Variant(chain), questions[:1])
    return {
        name: measure(run_variant(variant, questions))
        for name, variant in variants_of(chain).items()
    }


@contextmanager
def opened_chain(library: Path | None) -> Iterator[Chain]:
    """Open a library's chain; without one, that of the invented films."""
    from benchmarks.trial_library import films_of, publish
    from cinedex.api import open_library
    from store.library import Library

    with tempfile.TemporaryDirectory() as scratch:
        root = library or Path(scratch) / "library"
        if library is None:
            Library.create(root).close()
        with open_library(root) as opened:
            if library is None:
                for film in films_of(FILMS):
                    publish(opened.store, *film, opened.composition.query_encoder())
            yield opened.composition.chain()


def main() -> None:
    """Read the arguments, run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path)
    parser.add_argument("--questions", type=Path, default=FILMS)
    parser.add_argument("--split", choices=("tune", "held_out"))
    parser.add_argument("--results", type=Path, help="by default a file named after the split")
    arguments = parser.parse_args()
    questions = read_questions(arguments.questions, arguments.split)
    with opened_chain(arguments.library) as chain:
        results = benchmark(chain, questions)
    path = arguments.results or RESULTS / f"chain_{arguments.split or 'development'}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
