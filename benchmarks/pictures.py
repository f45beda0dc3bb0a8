"""Check tags, places and faces against what was judged by eye.

    python -m benchmarks.pictures --footage FOLDER [--sheets FOLDER]

The verdicts lie in ``benchmarks/development/``: ``tags_judged.json`` says of every word that a
network gave at least half its belief to whether it is right, ``pictures_judged.json`` of frames of
every video where they play and how many faces show. Files of the footage whose number is even, and
the sample film, were used to choose thresholds; the others are held out. What is shown but was
never judged is counted, and with ``--sheets`` drawn into contact sheets for somebody to judge.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.picture_pass import KeptFrames, PicturePass, films
from benchmarks.run import RESULTS, SAMPLE, machine
from indexer.framing import faces_of_people
from indexer.labels.imagenet import imagenet_labels
from indexer.places import place
from indexer.tags import Tagger

JUDGED = Path(__file__).parent / "development"
SAMPLE_TAGS = 200
SEED = 4
SAME_THING_SECONDS = 0.5  # what is tagged the same half a second later is the same thing
SAME_FRAME_SECONDS = 0.02
LUMA_WEIGHTS = (0.299, 0.587, 0.114)

Row = dict[str, Any]


def main() -> None:
    """Look through everything, print the figures and keep them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--sheets", type=Path, help="draw unjudged tags here, as PNG")
    arguments = parser.parse_args()
    looker = PicturePass()
    kept = {path.name: looker.look_through(path) for path in films(arguments.footage, SAMPLE)}
    shown = [row for file, frames in kept.items() for row in shown_tags(file, frames)]
    chosen = draw(with_verdicts(shown, _verdicts("tags_judged")))
    minutes = sum(frames.spans[-1].end_seconds for frames in kept.values()) / 60
    figures = {
        "machine": machine(),
        "shown": len(shown),
        "findings_per_minute": sum(map(num_findings, kept.values())) / minutes,
        "precision": by_half(chosen, precision),
    }
    keep("tags_checked", {**figures, "words": by_word(chosen), "sample": chosen})
    pictures = with_verdicts(
        [row for file, frames in kept.items() for row in seen_pictures(file, frames)],
        _verdicts("pictures_judged"),
        SAME_FRAME_SECONDS,
    )
    keep("pictures_checked", by_half(pictures, picture_figures))
    if arguments.sheets is not None:
        draw_unjudged(shown, kept, arguments.sheets)


def is_development(file: str) -> bool:
    """Say whether a film was used to choose thresholds."""
    digits = "".join(filter(str.isdigit, Path(file).stem))
    return not digits or int(digits) % 2 == 0


def shown_tags(file: str, frames: KeptFrames) -> list[Row]:
    """List the tags of one video frame by frame, in so far as they last."""
    tagger = Tagger(imagenet_labels(), "benchmark")
    found = tagger.find(np.stack(frames.probabilities), frames.spans)
    return [
        {
            "file": file,
            "seconds": round(seconds, 3),
            "tag": text.split(",")[0],
            "confidence": round(confidence, 3),
        }
        for seconds, span, row in zip(
            frames.seconds, frames.spans, frames.probabilities, strict=True
        )
        for text, confidence in tagger.frame_tags(row).items()
        if any(tag.text == text and tag.span.overlaps(span) for tag in found)
    ]


def num_findings(frames: KeptFrames) -> int:
    """Count the tags that the index of one video holds."""
    tagger = Tagger(imagenet_labels(), "benchmark")
    return len(tagger.find(np.stack(frames.probabilities), frames.spans))


def with_verdicts(
    rows: Sequence[Row], verdicts: Iterable[Row], within_seconds: float = SAME_THING_SECONDS
) -> list[Row]:
    """Join each row with the nearest verdict on its tag; those without one stay as they are."""
    judged: dict[tuple[str, str], list[Row]] = {}
    for verdict in verdicts:
        judged.setdefault((verdict["file"], verdict.get("tag", "")), []).append(verdict)
    joined = []
    for row in rows:
        near = [
            verdict
            for verdict in judged.get((row["file"], row.get("tag", "")), [])
            if abs(verdict["seconds"] - row["seconds"]) <= within_seconds
        ]
        nearest = min(near, key=lambda one: abs(one["seconds"] - row["seconds"]), default={})
        joined.append({**nearest, **row})
    return joined


def draw(rows: Sequence[Row], wanted: int = SAMPLE_TAGS) -> list[Row]:
    """Draw a sample with as many films as there are: one of each in turn until it is full."""
    dice = random.Random(SEED)
    piles: dict[str, list[Row]] = {}
    for row in rows:
        piles.setdefault(row["file"], []).append(row)
    for pile in piles.values():
        dice.shuffle(pile)
    drawn: list[Row] = []
    while len(drawn) < wanted and any(piles.values()):
        drawn += [pile.pop() for pile in piles.values() if pile]
    return sorted(drawn[:wanted], key=lambda row: (row["file"], row["seconds"], row["tag"]))


def by_half(rows: Sequence[Row], measure: Callable[[Sequence[Row]], Row]) -> dict[str, Row]:
    """Measure all rows, those of the development films, and those held out."""
    return {
        "all": measure(rows),
        "development": measure([row for row in rows if is_development(row["file"])]),
        "held_out": measure([row for row in rows if not is_development(row["file"])]),
    }


def precision(rows: Sequence[Row]) -> Row:
    """Count the right ones among those judged."""
    judged = [row for row in rows if "right" in row]
    right = sum(row["right"] for row in judged)
    return {
        "right": right,
        "judged": len(judged),
        "unjudged": len(rows) - len(judged),
        "films": len({row["file"] for row in judged}),
        "precision": round(right / len(judged), 3) if judged else None,
    }


def by_word(rows: Sequence[Row]) -> list[Row]:
    """Count the right ones of each word, the most frequent word first."""
    piles: dict[str, list[Row]] = {}
    for row in rows:
        piles.setdefault(row["tag"], []).append(row)
    in_order = sorted(piles.items(), key=lambda one: (-len(one[1]), one[0]))
    return [{"tag": word, **_right_of_judged(pile)} for word, pile in in_order]


def _right_of_judged(rows: Sequence[Row]) -> Row:
    halves = by_half(rows, precision)
    shares = {name: f"{half['right']} of {half['judged']}" for name, half in halves.items()}
    return {**shares, "films": halves["all"]["films"], "precision": halves["all"]["precision"]}


def seen_pictures(file: str, frames: KeptFrames) -> list[Row]:
    """Say of every kept frame what a caption of it alone would."""
    rows = []
    for seconds, picture, probabilities, faces in zip(
        frames.seconds, frames.pictures, frames.probabilities, frames.faces, strict=True
    ):
        luma = float((picture.reshape(-1, 3).mean(axis=0) @ np.array(LUMA_WEIGHTS)) / 255)
        span = frames.spans[0]
        told = place(span, [span], probabilities[None], imagenet_labels(), luma)
        rows.append(
            {
                "file": file,
                "seconds": round(seconds, 3),
                "told": str(told or ""),
                "found": len(faces_of_people(faces, probabilities)),
            }
        )
    return rows


def picture_figures(rows: Sequence[Row]) -> Row:
    """Compare what is told with what was judged."""
    judged = [row for row in rows if "place" in row]
    day = [row for row in judged if row["told"] == "outdoors by day"]
    found, faces = (sum(row[key] for row in judged) for key in ("found", "faces"))
    right = sum(min(row["found"], row["faces"]) for row in judged)
    return {
        "frames": len(judged),
        "outdoors": _told(judged, "outdoors"),
        "indoors": _told(judged, "indoors"),
        "by_day": {
            "told": len(day),
            "right": sum(row["place"] == "outdoors" and not row["light"] for row in day),
        },
        "faces": {"visible": faces, "found": found, "right_at_most": right},
    }


def _told(rows: Sequence[Row], word: str) -> Row:
    told = [row for row in rows if row["told"].startswith(word)]
    return {
        "there": sum(row["place"] == word for row in rows),
        "told": len(told),
        "right": sum(row["place"] == word for row in told),
        "films": len({row["file"] for row in told}),
    }


def draw_unjudged(rows: Sequence[Row], kept: dict[str, KeptFrames], folder: Path) -> None:
    """Draw frames whose tags nobody judged, each with its tag."""
    from PIL import Image, ImageDraw

    folder.mkdir(parents=True, exist_ok=True)
    unjudged = [row for row in with_verdicts(rows, _verdicts("tags_judged")) if "right" not in row]
    for number, row in enumerate(unjudged):
        frames = kept[row["file"]]
        index = int(np.argmin(np.abs(np.array(frames.seconds) - row["seconds"])))
        image = Image.fromarray(frames.pictures[index])
        ImageDraw.Draw(image).text((4, 4), f"{row['tag']} {row['confidence']}", fill="yellow")
        image.save(folder / f"{number:04d}-{row['tag']}.png")


def keep(name: str, figures: Row) -> None:
    """Print figures and keep them; of lists of rows a row a line, and those are not printed."""
    lists = {key: value for key, value in figures.items() if isinstance(value, list)}
    text = json.dumps({key: figures[key] for key in figures if key not in lists}, indent=2)
    print(name, text)
    for key, rows in lists.items():
        lines = ",\n".join("    " + json.dumps(row) for row in rows)
        text = text.removesuffix("\n}") + f',\n  "{key}": [\n{lines}\n  ]\n}}'
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


def _verdicts(name: str) -> list[Row]:
    verdicts: list[Row] = json.loads((JUDGED / f"{name}.json").read_text("utf-8"))
    return verdicts


if __name__ == "__main__":
    main()
