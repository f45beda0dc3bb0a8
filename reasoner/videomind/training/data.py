"""Examples on disk: JSON Lines, one form for each role; every line is checked before a run.

``docs/TRAINING.md`` shows a line of each. Keys that are not named there are passed over, so that
QVHighlights' own files can be used as they are.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.answer import Role
from reasoner.videomind.planning import ANSWER_ONLY, GROUND_AND_ANSWER, GROUND_ONLY
from reasoner.videomind.spans import clean_query, clean_question
from store.errors import TrainingDataError
from store.timespan import TimeSpan

SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".avi")
"""That are tried for a video which is named by ``vid``."""
ROUTES = {1: GROUND_AND_ANSWER, 2: GROUND_AND_ANSWER, 3: GROUND_ONLY, 4: ANSWER_ONLY}
"""Plans by the ``route`` of VideoMind's planning data. In 2 the question itself is looked for."""
MATCHING_IOU = 0.5
"""With one of the moments: a candidate that is at least so near is right."""
MAX_OPTIONS = 26


@dataclass(frozen=True, slots=True)
class Footage:
    """A video that an example looks at.

    Attributes:
        path: Of the file, which is there.
        duration_seconds: As the example says.
    """

    path: Path
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class PlanningExample:
    """Which roles answer a question; ``footage`` is ``None`` for one over a library."""

    question: str
    roles: tuple[Role, ...]
    value: str
    footage: Footage | None = None


@dataclass(frozen=True, slots=True)
class GroundingExample:
    """When something happens; at least one moment."""

    query: str
    footage: Footage
    moments: tuple[TimeSpan, ...]


@dataclass(frozen=True, slots=True)
class VerifyingExample:
    """Whether a candidate is the moment."""

    query: str
    footage: Footage
    candidate: TimeSpan
    is_right: bool


@dataclass(frozen=True, slots=True)
class AnsweringExample:
    """What the answer is, among options where there are any; ``span`` is where it is seen."""

    question: str
    footage: Footage
    answer: str
    options: tuple[str, ...] = ()
    span: TimeSpan | None = None


Example = PlanningExample | GroundingExample | VerifyingExample | AnsweringExample


def read_examples(path: Path, role: Role, videos: Path | None = None) -> list[Example]:
    """Read all examples of a file.

    Args:
        path: JSON Lines in UTF-8; empty lines are passed over.
        role: That learns from them.
        videos: Folder that the videos' names count from; by default that of the file.

    Raises:
        TrainingDataError: The file or a line is not what the role needs, or a video is not there.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingDataError(
            f"{path} cannot be read ({error}); name a file of JSON Lines in UTF-8"
        ) from error
    examples = [
        _read_line(line, role, videos or path.parent, f"{path}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not examples:
        raise TrainingDataError(f"{path} holds no example; write one on each line")
    return examples


def _read_line(line: str, role: Role, videos: Path, place: str) -> Example:
    try:
        values = json.loads(line)
        if not isinstance(values, dict):
            raise TypeError("it is no JSON object")
        return READERS[role](_Line(values, videos))
    except KeyError as error:
        raise TrainingDataError(
            f"{place}: there is no {error.args[0]}; a line for the {role} has it (docs/TRAINING.md)"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise TrainingDataError(
            f"{place}: {error}; correct or delete the line (docs/TRAINING.md)"
        ) from error


@dataclass(frozen=True, slots=True)
class _Line:
    """One line's values, asked for by name and kind."""

    values: Mapping[str, Any]
    videos: Path

    def words(self, name: str, clean: Callable[[str], str] = clean_question) -> str:
        value = self.values[name]
        if not isinstance(value, str) or not clean(value):
            raise ValueError(f"{name} is words, got {value!r}")
        return clean(value)

    def footage(self) -> Footage:
        duration = self.values["duration"]
        if not _is_number(duration) or duration <= 0:
            raise ValueError(f"duration is seconds above 0, got {duration!r}")
        if "video" in self.values:
            tried = [self.videos / self.words("video", str.strip)]
        elif "vid" in self.values:
            name = self.words("vid", str.strip)
            tried = [self.videos / f"{name}{suffix}" for suffix in SUFFIXES]
        else:
            raise KeyError("video or vid")
        there = next((path for path in tried if path.is_file()), None)
        if there is None:
            raise ValueError(f"there is no video {tried[0]} (--videos names their folder)")
        return Footage(there, float(duration))

    def span(self, name: str, value: object, footage: Footage) -> TimeSpan:
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
            raise ValueError(f"{name} is a start and an end in seconds, got {value!r}")
        start, end = map(float, value)
        if not 0 <= start < end or start >= footage.duration_seconds:
            raise ValueError(
                f"{name} starts inside the video's {footage.duration_seconds} seconds "
                f"and ends later, got {value!r}"
            )
        return TimeSpan(start, min(end, footage.duration_seconds))

    def moments(self, footage: Footage) -> tuple[TimeSpan, ...]:
        windows = self.values["relevant_windows"]
        if not isinstance(windows, list) or not windows:
            raise ValueError(f"relevant_windows is a list of spans, got {windows!r}")
        return tuple(self.span("relevant_windows", window, footage) for window in windows)


def _planning(line: _Line) -> PlanningExample:
    question = line.words("question")
    route = line.values.get("route")
    roles = _roles(line.values["roles"]) if route is None else _route(route)
    value = line.words("value", clean_query) if line.values.get("value") else ""
    if Role.GROUNDER in roles and not value:
        if route != 2:
            raise KeyError("value")
        value = clean_query(question)
    has_video = "video" in line.values or "vid" in line.values
    return PlanningExample(question, roles, value, line.footage() if has_video else None)


def _grounding(line: _Line) -> GroundingExample:
    query, footage = line.words("query", clean_query), line.footage()
    return GroundingExample(query, footage, line.moments(footage))


def _verifying(line: _Line) -> VerifyingExample:
    query, footage = line.words("query", clean_query), line.footage()
    candidate = line.span("candidate", line.values["candidate"], footage)
    best = max(candidate.iou(moment) for moment in line.moments(footage))
    return VerifyingExample(query, footage, candidate, best >= MATCHING_IOU)


def _answering(line: _Line) -> AnsweringExample:
    footage, answer = line.footage(), line.words("answer", str.strip)
    span = line.values.get("span")
    options = line.values.get("options") or ()
    if options and not (_is_texts(options) and len(options) <= MAX_OPTIONS and answer in options):
        raise ValueError(
            f"options are at most {MAX_OPTIONS} texts, one of them the answer {answer!r}, "
            f"got {options!r}"
        )
    return AnsweringExample(
        line.words("question"),
        footage,
        answer,
        tuple(options),
        None if span is None else line.span("span", span, footage),
    )


READERS: Mapping[Role, Callable[[_Line], Example]] = {
    Role.PLANNER: _planning,
    Role.GROUNDER: _grounding,
    Role.VERIFIER: _verifying,
    Role.ANSWERER: _answering,
}


def _roles(names: object) -> tuple[Role, ...]:
    for plan in (GROUND_AND_ANSWER, GROUND_ONLY, ANSWER_ONLY):
        if names == [str(role) for role in plan]:
            return plan
    raise ValueError(
        "roles are grounder, verifier, answerer, or grounder, verifier, or answerer alone, "
        f"got {names!r}"
    )


def _route(route: object) -> tuple[Role, ...]:
    if not isinstance(route, int) or route not in ROUTES:
        raise ValueError(f"route is 1, 2, 3 or 4, got {route!r}")
    return ROUTES[route]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_texts(values: Sequence[object]) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) and each for each in values)
