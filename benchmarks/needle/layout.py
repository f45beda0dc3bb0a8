"""When everything happens in a film, and so what is true of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import floor

from rendering.narration import SAMPLES_PER_SECOND
from rendering.timeline import CAPTION_DELAY_SECONDS, PlacedShot, Timeline, lay_out

from benchmarks.needle.footage import FootageShot
from benchmarks.needle.plan import FilmPlan
from benchmarks.needle.rendered import RenderedShot, sample_screenplay
from store.timespan import TimeSpan

# Some 2 MB of speech each; a film of a quarter of an hour has fewer.
MOST_SPOKEN_SHOTS = 128
FRAMES_PER_SECOND = sample_screenplay().frames_per_second


@dataclass(frozen=True, slots=True)
class ShotTimes:
    """How long a shot is, and when its lines are said.

    Attributes:
        lines: Seconds since the shot began.
    """

    num_frames: int
    lines: tuple[TimeSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true of a span of a film.

    Attributes:
        kind: ``shown``, ``said`` or ``written``.
        text: What is said or written; of what is shown, the shot's name.
        keys: Queries that it satisfies.
    """

    kind: str
    span: TimeSpan
    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilmTruth:
    """A film's shots in order, and all that is true of it."""

    half: str
    duration_seconds: float
    facts: tuple[Fact, ...]

    def spans(self, key: str) -> list[TimeSpan]:
        """List every span that satisfies a query, in time order; those that touch are one."""
        joined: list[TimeSpan] = []
        for span in sorted(fact.span for fact in self.facts if key in fact.keys):
            if joined and span.start_seconds <= joined[-1].end_seconds:
                span = joined.pop().hull(span)
            joined.append(span)
        return joined


TimeShot = Callable[[FootageShot | RenderedShot], ShotTimes]


def truth_of(film: FilmPlan, time_shot: TimeShot) -> FilmTruth:
    """Put the shots of a film one after another.

    Args:
        film: The plan.
        time_shot: Says how long a shot is: ``spoken_times``, or anything quicker in a test.
    """
    facts: list[Fact] = []
    frame = 0
    for shot in film.shots:
        times = time_shot(shot)
        start = frame / FRAMES_PER_SECOND
        frame += times.num_frames
        span = TimeSpan(start, frame / FRAMES_PER_SECOND)
        facts += _facts_of_footage(shot, span) if isinstance(shot, FootageShot) else ()
        facts += _facts(shot, span, times.lines) if isinstance(shot, RenderedShot) else ()
    return FilmTruth(film.half, frame / FRAMES_PER_SECOND, tuple(facts))


def spoken_times(shot: FootageShot | RenderedShot) -> ShotTimes:
    """Time a shot by speaking its lines.

    Raises:
        MissingToolError: espeak-ng is not installed.
    """
    if isinstance(shot, FootageShot):
        seconds = shot.end_seconds - shot.start_seconds
        return ShotTimes(max(1, floor(seconds * FRAMES_PER_SECOND)))
    (placed,) = timeline_of(shot).shots
    return ShotTimes(placed.num_frames, tuple(_line_spans(placed)))


@lru_cache(MOST_SPOKEN_SHOTS)
def timeline_of(shot: RenderedShot) -> Timeline:
    """Lay a rendered shot out as if it were a film of its own.

    Raises:
        MissingToolError: espeak-ng is not installed.
    """
    return lay_out(replace(sample_screenplay(), shots=(shot.shot,)))


def _line_spans(placed: PlacedShot) -> Iterable[TimeSpan]:
    for line in placed.lines:
        start, end = line.start_sample / SAMPLES_PER_SECOND, line.end_sample / SAMPLES_PER_SECOND
        yield TimeSpan(start, end)


def _facts_of_footage(shot: FootageShot, span: TimeSpan) -> list[Fact]:
    return [Fact("shown", span, shot.name, shot.queries)]


def _facts(shot: RenderedShot, span: TimeSpan, lines: Sequence[TimeSpan]) -> list[Fact]:
    facts = [Fact("shown", span, shot.name, _keys(shot.shown))]
    for line, key, times in zip(shot.shot.said, shot.said, lines, strict=True):
        start, end = times.start_seconds, times.end_seconds
        said = TimeSpan(span.start_seconds + start, span.start_seconds + end)
        facts.append(Fact("said", said, line.text, _keys(key)))
    text = "\n".join((*shot.shot.heading, *shot.shot.card, *shot.shot.lower_third))
    if text:
        delay = CAPTION_DELAY_SECONDS if shot.shot.picture else 0.0
        seen = TimeSpan(span.start_seconds + delay, span.end_seconds)
        facts.append(Fact("written", seen, text, _keys(shot.written)))
    return facts


def _keys(key: str | None) -> tuple[str, ...]:
    return (key,) if key else ()
