"""Shots of real footage, and the queries of its catalogue that they satisfy.

``footage.toml`` says which part of a file satisfies what; it was written by hand and eye.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FOOTAGE_FILE = Path(__file__).parent / "footage.toml"
HALVES = ("tuning", "reporting")


@dataclass(frozen=True, slots=True)
class FootageShot:
    """Part of a file, or all of it.

    Attributes:
        queries: Keys of the catalogue's queries that it satisfies.
    """

    file: str
    start_seconds: float
    end_seconds: float
    queries: tuple[str, ...]

    @property
    def name(self) -> str:
        """Tells it from all other shots."""
        return f"{self.file}@{self.start_seconds:g}-{self.end_seconds:g}"

    @property
    def estimated_seconds(self) -> float:
        """How long it is."""
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True)
class FootageFile:
    """One file of the catalogue.

    Attributes:
        queries: Those that one of the file's shots satisfies: text by key.
        questions: Those that are true of a shot wherever it stands: question and answer.
    """

    name: str
    shots: tuple[FootageShot, ...]
    queries: Mapping[str, str]
    questions: tuple[tuple[str, str], ...]

    @property
    def seconds(self) -> float:
        """Of all shots together."""
        return sum(shot.estimated_seconds for shot in self.shots)


@dataclass(frozen=True, slots=True)
class Footage:
    """All files, and which of them satisfy queries of others.

    Attributes:
        also: Key of a query to the names of further files, every shot of which satisfies it.
    """

    files: tuple[FootageFile, ...]
    also: Mapping[str, tuple[str, ...]]


def half_of(name: str) -> str:
    """Say to which half a source file, picture or template belongs, for good.

    Returns:
        One of ``HALVES``: the first where the first byte of the name's SHA-256 is even.
    """
    return HALVES[sha256(name.encode()).digest()[0] % 2]


NO_FOOTAGE = Footage((), {})


def load_footage(folder: Path) -> Footage:
    """Read the catalogue of a folder and what we marked in its files."""
    marks = tomllib.loads(FOOTAGE_FILE.read_text("utf-8"))
    parts = {file["name"]: file["parts"] for file in marks["file"]}
    lines = (folder / "catalogue.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    also = {key: tuple(names) for key, names in marks["also"].items()}
    by_file: dict[str, list[str]] = {}
    for key, names in also.items():
        for name in names:
            by_file.setdefault(name, []).append(key)
    files = tuple(
        _file(row, parts.get(row["file"]), by_file.get(row["file"], []), marks["questions"])
        for row in rows
    )
    return Footage(files, also)


def _file(
    row: dict[str, Any],
    parts: list[dict[str, Any]] | None,
    also: list[str],
    questions: Mapping[str, list[int]],
) -> FootageFile:
    name = row["file"]
    if parts is None:
        whole = range(len(row["queries"]))
        parts = [{"start": 0.0, "end": row["duration_seconds"], "queries": whole}]
    asked = sorted({number for part in parts for number in part["queries"]})
    return FootageFile(
        name,
        tuple(
            FootageShot(
                name,
                part["start"],
                part["end"],
                (*(f"{name}#{number}" for number in part["queries"]), *also),
            )
            for part in parts
        ),
        {f"{name}#{number}": row["queries"][number] for number in asked},
        tuple(
            (row["questions"][number]["q"], row["questions"][number]["a"])
            for number in questions.get(name, ())
        ),
    )
