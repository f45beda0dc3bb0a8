"""The figures as a table for people."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.shots.scoring import KINDS

HEADER = """# Shot detectors side by side

`python -m benchmarks.shots --footage FOLDER` writes this. A hard cut is met within 0.1 seconds; a
dissolve or fade by an instant on it or within 0.5 seconds of its ends; one to one. Recall is given
by kind; a false alarm is of no kind. The error is the mean distance from the cut, or from the
middle of a gradual one. The cost is processor time inside the detector.

The composed films hold real footage with flashes, strobes, whip pans, shaken and still shots,
zooms, film in black and white and at night, and were encoded; no threshold was chosen on the
held-out half, which our detector has run on twice; on the development half they were. The sample
film has been tuned on too.
"""


def write_table(rows: Iterable[Mapping[str, Any]], path: Path) -> str:
    """Write the rows of each set of films, the best first, and return what was written."""
    taken = list(rows)
    parts = [HEADER]
    for title in sorted({row["films"] for row in taken}):
        of_set = sorted((row for row in taken if row["films"] == title), key=lambda row: -row["f1"])
        minutes = of_set[0]["film_seconds"] / 60
        parts.append(f"\n## {title}: {minutes:.1f} minutes, {of_set[0]['num_true']} cuts\n\n")
        parts.append(
            "| detector | F1 | precision | recall | hard | dissolve | fade "
            "| error hard | dissolve | fade | s CPU per video minute |\n"
        )
        parts.append("|---" + "|---:" * 10 + "|\n")
        parts += [_line(row) for row in of_set]
    text = "".join(parts)
    path.write_text(text, "utf-8")
    return text


def _line(row: Mapping[str, Any]) -> str:
    recalls = [_share(row["recall_by_kind"].get(kind)) for kind in KINDS]
    errors = [_seconds(row["error_seconds_by_kind"].get(kind)) for kind in KINDS]
    cells = [
        row["detector"],
        *(f"{row[name]:.3f}" for name in ("f1", "precision", "recall")),
        *recalls,
        *errors,
        f"{row['milliseconds_per_video_second'] * 60 / 1000:.2f}",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"
