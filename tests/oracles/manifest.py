"""What the oracles' manifest says of a dataset."""

import json
from pathlib import Path
from typing import Any


def tolerance(oracles: Path, dataset: str, key: str | None = None) -> float:
    """How far a value may lie from the expected one, in the units of the expected file."""
    listed = json.loads((oracles / "MANIFEST.json").read_text("utf-8"))["datasets"]
    (entry,) = [entry for entry in listed if entry["id"] == dataset]
    allowed = entry["tolerance"][key] if key else entry["tolerance"]
    return float(allowed["abs"])


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def read_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
