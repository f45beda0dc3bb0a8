"""What general questions are answered with: right, wrong or abstained.

Run on an indexed library of the sample film::

    python -m benchmarks.general --library LIBRARY --split tune

The questions of split ``kept`` were written before any was asked, and asked when the rules were
fixed; after that only words of answers changed, and captions that repeat themselves were left out.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reasoner.answer import Answer
from store.timespan import TimeSpan

QUESTIONS = Path(__file__).parent / "development" / "general.json"
PARTS_OF_FILM = 3
RESULTS = Path(__file__).parent / "results"
LEAST_LINES = 3


def verdict(row: dict[str, Any], answer: Answer) -> str:
    """Judge one answer by what is known of its question."""
    if answer.abstained:
        return "right" if row.get("abstains") else "abstained"
    return "right" if not row.get("abstains") and all(_checks(row, answer)) else "wrong"


def _checks(row: dict[str, Any], answer: Answer) -> list[bool]:
    middles = [citation.span.middle_seconds for citation in answer.citations]
    checks = [answer.plan.reach == row["reach"]]
    if "counts" in row:
        checks.append(answer.count in row["counts"])
    if "first" in row:
        checks.append(TimeSpan(*row["first"]).contains(middles[0]))
    if "inside" in row:
        checks.append(all(map(TimeSpan(*row["inside"]).contains, middles)))
    if "holds" in row:
        checks.append(any(words in answer.text for words in row["holds"]))
    if row.get("spreads"):
        checks.append(len(middles) >= LEAST_LINES and _spreads(answer, middles))
    return checks


def _spreads(answer: Answer, middles: Sequence[float]) -> bool:
    """Say whether every third of the film is cited."""
    seconds = answer.spans[0].video.duration_seconds
    return {int(PARTS_OF_FILM * middle / seconds) for middle in middles} == {0, 1, 2}


def main() -> None:
    """Read the arguments, ask, print and write."""
    from cinedex.api import open_library

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--split", choices=("tune", "kept"), required=True)
    parser.add_argument("--texts", action="store_true", help="print the answers too")
    arguments = parser.parse_args()
    rows = json.loads(QUESTIONS.read_text("utf-8"))["questions"]
    verdicts: dict[str, str] = {}
    with open_library(arguments.library) as opened:
        for row in rows:
            if row["split"] != arguments.split:
                continue
            answer = opened.ask(row["text"])
            verdicts[row["id"]] = verdict(row, answer)
            print(f"{row['id']:4} {verdicts[row['id']]:9} {row['text']}")
            if arguments.texts:
                print(
                    answer.text, *(each.reason for each in answer.fallbacks), sep="\n", end="\n\n"
                )
    results = {"verdicts": Counter(verdicts.values()), "by_question": verdicts}
    path = RESULTS / f"general_{arguments.split}.json"
    path.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(results["verdicts"])


if __name__ == "__main__":
    main()
