"""Measure how long measuring takes: queries and predictions as many as QVHighlights' validation.

    python -m benchmarks.evaluation

The files are drawn at random in the form and size of the published ones, which may not be carried
along: 1,550 queries, ten windows and seventy-five salience scores each.
"""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.commands import cinedex
from benchmarks.run import keep, machine

NUM_QUERIES = 1_550
NUM_WINDOWS = 10
VIDEO_SECONDS, CLIP_SECONDS = 150, 2
NUM_CLIPS = VIDEO_SECONDS // CLIP_SECONDS
BAR_SECONDS = 30.0


def main() -> None:
    """Measure, print and keep."""
    rng = np.random.default_rng(0)
    figures: dict[str, Any] = {"machine": machine(), "bar_seconds": BAR_SECONDS}
    with tempfile.TemporaryDirectory(prefix="cinedex-bench-") as folder:
        scratch = Path(folder)
        dataset = write(
            scratch / "queries.jsonl", [query(number, rng) for number in range(NUM_QUERIES)]
        )
        first, second = (
            write(
                scratch / f"{name}.jsonl",
                [prediction(number, rng) for number in range(NUM_QUERIES)],
            )
            for name in ("first", "second")
        )
        asked = ["evaluate", str(dataset), "--format", "qvhighlights", "--from", str(first)]
        compared = ["--against", str(second), "--html", str(scratch / "report.html")]
        for name, more in {"measures": [], "compared, with a page": compared}.items():
            ran = cinedex([*asked, *more, "--json"], scratch=scratch)
            if ran.exit_code:
                raise SystemExit(f"cinedex evaluate failed:\n{ran.stderr}")
            figures[name] = {
                "seconds": round(ran.seconds, 2),
                "processor_seconds": round(ran.processor_seconds, 2),
                "peak_gigabytes": round(ran.peak_gigabytes, 2),
            }
    print(json.dumps(figures, indent=2))
    keep("evaluation", figures)


def query(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """Draw a query with one to three moments, whose clips three annotators rated."""
    windows = [window(rng) for _ in range(rng.integers(1, 4))]
    clips = sorted({clip for start, end in windows for clip in range(start // 2, end // 2)})
    return {
        "qid": number,
        "query": f"query {number}",
        "vid": f"video {number}",
        "duration": VIDEO_SECONDS,
        "relevant_windows": windows,
        "relevant_clip_ids": clips,
        "saliency_scores": rng.integers(0, 5, (len(clips), 3)).tolist(),
    }


def prediction(number: int, rng: np.random.Generator) -> dict[str, Any]:
    """Draw ten windows and the salience of every clip."""
    scores = np.sort(rng.random(NUM_WINDOWS))[::-1]
    return {
        "qid": number,
        "pred_relevant_windows": [[*window(rng), float(score)] for score in scores],
        "pred_saliency_scores": rng.standard_normal(NUM_CLIPS).tolist(),
    }


def window(rng: np.random.Generator) -> list[int]:
    """Draw a span of whole clips."""
    first, last = np.sort(rng.choice(NUM_CLIPS + 1, 2, replace=False)) * CLIP_SECONDS
    return [int(first), int(last)]


def write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


if __name__ == "__main__":
    main()
