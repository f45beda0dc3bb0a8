"""Measure shot detectors side by side on the sample film and on an hour of composed film.

    python -m benchmarks.shots [--footage FOLDER] [--detector NAME ...] [--half development]

Every detector sees the same decoded frames; the processor time inside it is what it costs. Rows of
detectors that are not measured this time are kept as they are.
"""

import argparse
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.shots.composing import TrueCut
from benchmarks.shots.films import composed_films, small_pictures
from benchmarks.shots.material import HALVES, Picture
from benchmarks.shots.scoring import Matching, match, score
from benchmarks.shots.table import write_table
from cinedex.config import load_settings
from cinedex.weights import path_of
from indexer.detectors.loading import DETECTORS, NamedDetector, named_detector

RESULTS = Path(__file__).parent.parent / "results"
SAMPLE = Path(__file__).parent.parent.parent / "examples" / "sample"
SIDE_PIXELS = 96


@dataclass(frozen=True, slots=True)
class Film:
    """A film with its truth."""

    path: Path
    truth: tuple[TrueCut, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What one detector said about one film.

    Attributes:
        processor_seconds: Spent in the detector, of this process's threads together.
        film_seconds: Length of the film.
    """

    film: str
    matching: Matching
    processor_seconds: float
    film_seconds: float


def main() -> None:
    """Measure and write ``benchmarks/results/shots.json`` and ``shots.md``."""
    arguments = _arguments()
    sets: dict[str, list[Film]] = {}
    if SAMPLE.exists():
        sets["sample film"] = [sample_film(SAMPLE)]
    if arguments.footage is not None:
        films = composed_films(arguments.footage, arguments.half)
        sets[f"composed, {arguments.half}"] = [Film(film.path, film.truth) for film in films]
    settings = load_settings()
    chosen = {
        name: named_detector(name, lambda model: path_of(model, settings=settings))
        for name in arguments.detector or DETECTORS
    }
    measured = []
    for title, films_of_set in sets.items():
        runs: dict[str, list[Run]] = {name: [] for name in chosen}
        for film in films_of_set:
            pictures = list(small_pictures(film.path, SIDE_PIXELS))
            for name, detector in chosen.items():
                runs[name].append(run(detector, film, pictures))
        measured += [row(name, title, runs[name]) for name in chosen]
    rows = _kept_rows(set(chosen), set(sets)) + measured
    order = list(DETECTORS)
    rows.sort(key=lambda one: (one["films"], order.index(one["detector"])))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "shots.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    print(write_table(rows, RESULTS / "shots.md"))


def run(detector: NamedDetector, film: Film, pictures: Sequence[tuple[Picture, float]]) -> Run:
    """Show one film to a new detector."""
    fresh = detector.new()
    started = time.process_time()
    for picture, seconds in pictures:
        fresh.push(picture, seconds)
    cuts = fresh.finish()
    spent = time.process_time() - started
    matching = match(film.truth, [cut.seconds for cut in cuts])
    return Run(film.path.name, matching, spent, pictures[-1][1])


def row(name: str, title: str, runs: Iterable[Run]) -> dict[str, Any]:
    """Put the runs of a detector over a set of films together."""
    taken = list(runs)
    film_seconds = sum(one.film_seconds for one in taken)
    spent = sum(one.processor_seconds for one in taken)
    return {
        "detector": name,
        "id": DETECTORS[name][0],
        "films": title,
        "film_seconds": round(film_seconds, 1),
        "milliseconds_per_video_second": round(1000 * spent / film_seconds, 3),
        **asdict(score([one.matching for one in taken])),
        "false_alarms": {one.film: _rounded(one.matching.false_seconds) for one in taken},
        "missed": {
            one.film: [f"{cut.kind} {cut.start_seconds:.2f}" for cut in one.matching.missed]
            for one in taken
        },
    }


def sample_film(folder: Path) -> Film:
    """Read the truth of the sample film as it was rendered."""
    (path,) = folder.glob("*.mp4")
    cuts = json.loads((folder / "truth.json").read_text("utf-8"))["cuts"]
    return Film(path, tuple(_true_cut(cut) for cut in cuts))


def _true_cut(cut: dict[str, Any]) -> TrueCut:
    half = cut["duration_seconds"] / 2
    kind = "hard" if cut["kind"] == "cut" else cut["kind"]
    return TrueCut(kind, cut["seconds"] - half, cut["seconds"] + half)


def _kept_rows(measured: set[str], titles: set[str]) -> list[dict[str, Any]]:
    path = RESULTS / "shots.json"
    rows = json.loads(path.read_text("utf-8")) if path.exists() else []
    return [
        one
        for one in rows
        if one["detector"] in DETECTORS
        and not (one["detector"] in measured and one["films"] in titles)
    ]


def _rounded(seconds: Iterable[float]) -> list[float]:
    return [round(one, 2) for one in seconds]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure shot detectors side by side.")
    footage = os.environ.get("CINEDEX_FOOTAGE")
    parser.add_argument("--footage", type=Path, default=Path(footage) if footage else None)
    parser.add_argument("--half", choices=HALVES, default="held-out")
    parser.add_argument("--detector", action="append", choices=list(DETECTORS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
