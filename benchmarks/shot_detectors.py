"""Measures the shot detectors side by side: how many cuts they find, and what that costs.

    python -m benchmarks.shot_detectors --transnet WEIGHTS.pth [--footage FOLDER]

A hard cut counts as found within 0.3 seconds; a dissolve when a cut is placed on it or within 0.3
seconds of its ends. Every cut is matched once. Two films: the sample film with its rendered truth,
and pieces of real footage without a cut of their own, joined here by hard cuts and dissolves.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.detectors.dissolves import DissolveDetector
from indexer.detectors.joined import JoinedDetector
from indexer.detectors.pyscenedetect import METHODS, PySceneDetectDetector
from indexer.detectors.transnet import TransNetDetector, load_transnet
from indexer.interfaces import Cut, ShotDetector
from indexer.media.frames import decode_frames

TOLERANCE_SECONDS = 0.3
RATE = 25
PIECE_SECONDS = 4.0
WIDTH, HEIGHT = 96, 54
# Files of the footage folder that are one shot from beginning to end.
SINGLE_SHOTS = (
    "v082",
    "v083",
    "v086",
    "v087",
    "v095",
    "v099",
    "v101",
    "v122",
    "v129",
    "v159",
    "v171",
    "v182",
    "v185",
    "v186",
    "v188",
    "v191",
    "v192",
    "v193",
    "v203",
    "v205",
    "v217",
)
DISSOLVE_SECONDS = (0.5, 1.0, 1.5)
SEED = 327

Picture = NDArray[np.uint8]
Film = Iterable[tuple[Picture, float]]


@dataclass(frozen=True, slots=True)
class TrueCut:
    """A change of shot as it was made."""

    seconds: float
    kind: str
    duration_seconds: float = 0.0

    def is_met_by(self, cut: Cut) -> bool:
        """Say whether a detected cut is this one."""
        reach = self.duration_seconds / 2 + TOLERANCE_SECONDS
        return abs(cut.seconds - self.seconds) <= reach


@dataclass(frozen=True, slots=True)
class Score:
    """How one detector did on one film."""

    detector: str
    film: str
    f1: float
    precision: float
    hard_recall: float
    dissolve_recall: float | None
    milliseconds_per_video_second: float
    wrong_seconds: tuple[float, ...]
    missed_seconds: tuple[float, ...]


def score(name: str, film: str, cuts: list[Cut], truth: list[TrueCut], cost: float) -> Score:
    """Match detected with true cuts, each once, in time order."""
    left = list(cuts)
    missed = []
    for true in truth:
        met = next((cut for cut in left if true.is_met_by(cut)), None)
        if met is None:
            missed.append(true)
        else:
            left.remove(met)
    found = len(truth) - len(missed)

    def recall(kind: str) -> float | None:
        count = sum(true.kind == kind for true in truth)
        return 1 - sum(true.kind == kind for true in missed) / count if count else None

    return Score(
        name,
        film,
        f1=2 * found / max(1, len(cuts) + len(truth)),
        precision=found / max(1, len(cuts)),
        hard_recall=recall("cut") or 0.0,
        dissolve_recall=recall("dissolve"),
        milliseconds_per_video_second=cost,
        wrong_seconds=tuple(round(cut.seconds, 2) for cut in left),
        missed_seconds=tuple(round(true.seconds, 2) for true in missed),
    )


def run(detector: ShotDetector, film: Film) -> tuple[list[Cut], float]:
    """Return the cuts and the processor milliseconds per second of video spent in the detector."""
    spent = 0.0
    seconds = 0.0
    for picture, seconds in film:
        before = time.process_time()
        detector.push(picture, seconds)
        spent += time.process_time() - before
    before = time.process_time()
    cuts = detector.finish()
    spent += time.process_time() - before
    return cuts, 1000 * spent / max(seconds, 1e-9)


def fit(picture: Picture) -> Picture:
    """Sample a picture down to the common size."""
    rows = np.arange(HEIGHT) * picture.shape[0] // HEIGHT
    columns = np.arange(WIDTH) * picture.shape[1] // WIDTH
    fitted: Picture = np.ascontiguousarray(picture[rows][:, columns])
    return fitted


def pieces(footage: Path) -> Iterator[list[Picture]]:
    """Cut up to three pieces out of every single-shot file, at a constant rate."""
    for stem in SINGLE_SHOTS:
        (path,) = [path for path in footage.glob(f"{stem}.*") if path.suffix != ".vtt"]
        pictures: list[Picture] = []
        for frame in decode_frames(path):
            while len(pictures) / RATE <= frame.pts_seconds:
                pictures.append(fit(frame.picture(WIDTH)))
            if len(pictures) >= 3 * PIECE_SECONDS * RATE:
                break
        size = int(PIECE_SECONDS * RATE)
        for start in range(0, len(pictures) - size // 2, size):
            yield pictures[start : start + size]


def compose(footage: Path) -> tuple[list[Picture], list[TrueCut]]:
    """Join the pieces in random order, by hard cuts and dissolves in turn."""
    generator = np.random.default_rng(SEED)
    parts = list(pieces(footage))
    order = generator.permutation(len(parts))
    film: list[Picture] = list(parts[order[0]])
    truth: list[TrueCut] = []
    for index, part in enumerate(order[1:]):
        following = parts[part]
        if index % 2 == 0:
            truth.append(TrueCut(len(film) / RATE, "cut"))
            film += following
            continue
        count = int(DISSOLVE_SECONDS[index // 2 % len(DISSOLVE_SECONDS)] * RATE)
        truth.append(TrueCut((len(film) - count / 2) / RATE, "dissolve", count / RATE))
        film[-count:] = [
            mix(film[place - count], following[place], (place + 1) / (count + 1))
            for place in range(count)
        ]
        film += following[count:]
    return film, truth


def mix(first: Picture, second: Picture, share: float) -> Picture:
    """Blend two pictures."""
    blended: Picture = np.round(first * (1 - share) + second * share).astype(np.uint8)
    return blended


def contestants(transnet: Path | None) -> Mapping[str, Callable[[], ShotDetector]]:
    """Name every detector and how to make a new one."""
    makers: dict[str, Callable[[], ShotDetector]] = {
        method: partial(PySceneDetectDetector, method) for method in METHODS
    }
    makers["dissolves"] = DissolveDetector
    for method in METHODS:
        makers[f"{method} + dissolves"] = partial(_with_dissolves, method)
    if transnet is not None:
        network = load_transnet(transnet)
        for every in (1, 2, 3):
            makers[f"transnet, 1 frame in {every}"] = partial(
                TransNetDetector, network, every=every
            )
    return makers


def _with_dissolves(method: str) -> ShotDetector:
    return JoinedDetector([PySceneDetectDetector(method), DissolveDetector()])


def sample_film(folder: Path) -> tuple[Film, list[TrueCut]]:
    """Decode the sample film once, small, and read its truth."""
    (path,) = folder.glob("*.mp4")
    film = [(frame.picture(WIDTH), frame.pts_seconds) for frame in decode_frames(path)]
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["cuts"]
    return film, [TrueCut(**{key: cut[key] for key in TrueCut.__slots__}) for cut in truth]


def main() -> None:
    """Measure and write ``benchmarks/results/shot_detectors.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transnet", type=Path)
    parser.add_argument("--footage", type=Path, default=os.environ.get("CINEDEX_FOOTAGE"))
    parser.add_argument("--sample", type=Path, default=Path("examples/sample"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/shot_detectors.json"))
    arguments = parser.parse_args()
    films: dict[str, tuple[Film, list[TrueCut]]] = {}
    if arguments.sample.exists():
        films["sample film"] = sample_film(arguments.sample)
    if arguments.footage is not None:
        pictures, truth = compose(Path(arguments.footage))
        films["joined footage"] = (
            [(picture, index / RATE) for index, picture in enumerate(pictures)],
            truth,
        )
    scores = []
    for film, (frames, truth) in films.items():
        for name, make in contestants(arguments.transnet).items():
            cuts, cost = run(make(), frames)
            scores.append(score(name, film, cuts, truth, cost))
            print(_row(scores[-1]), flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps([asdict(row) for row in scores], indent=1) + "\n", "utf-8")


def _row(row: Score) -> str:
    dissolves = "-" if row.dissolve_recall is None else f"{row.dissolve_recall:.2f}"
    return (
        f"{row.film:16}{row.detector:38}F1 {row.f1:.3f}  precision {row.precision:.2f}  "
        f"hard {row.hard_recall:.2f}  dissolves {dissolves:>4}  "
        f"{row.milliseconds_per_video_second:6.1f} ms per video second"
    )


if __name__ == "__main__":
    main()
