"""Shots to be rendered as the sample film's are, and which queries each part of them satisfies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from rendering.screenplay import SaidLine, Screenplay, Shot, load_screenplay

from benchmarks.needle import EXAMPLES
from benchmarks.needle.wording import Drawing, PictureQuery

CARD_SECONDS = 5.0
# For the estimate alone: espeak-ng at the speed of the sample film's voices, with our pauses.
WORDS_PER_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to be narrated; ``key`` names the query that it satisfies, if any."""

    text: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """A text to be written: a card, or over the foot of a picture where there is no heading."""

    key: str
    heading: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RenderedShot:
    """One shot and what it satisfies, by keys of queries.

    Attributes:
        name: Tells it from all other shots.
        shot: As the renderer takes it.
        shown: Satisfied by all of its pictures.
        said: For each line, what it satisfies.
        written: Satisfied by what is written.
    """

    name: str
    shot: Shot
    shown: str | None = None
    said: tuple[str | None, ...] = ()
    written: str | None = None

    @property
    def texts(self) -> list[str]:
        """All that is said and written."""
        shot = self.shot
        return [line.text for line in shot.said] + [*shot.heading, *shot.card, *shot.lower_third]

    @property
    def estimated_seconds(self) -> float:
        """About how long it will be."""
        words = sum(len(line.text.split()) for line in self.shot.said)
        return max(self.shot.minimum_seconds, 1.2 + words / WORDS_PER_SECOND)


@cache
def sample_screenplay() -> Screenplay:
    """Read the sample film's screenplay: its voices, size and camera moves are ours."""
    return load_screenplay(EXAMPLES / "sample" / "script.toml")


def view_shots(query: PictureQuery) -> list[RenderedShot]:
    """List the views of a picture that the sample film has, without sound or writing."""
    views = [shot for shot in sample_screenplay().shots if shot.picture == query.picture]
    bare = [
        replace(shot, join="cut", said=(), lower_third=(), sound=None, minimum_seconds=CARD_SECONDS)
        for shot in views
    ]
    return [
        RenderedShot(f"{query.picture}@{number}", shot, shown=picture_key(query.picture))
        for number, shot in enumerate(bare)
        if number not in query.skip
    ]


def picture_key(picture: str) -> str:
    """Name the query for a picture."""
    return f"picture {picture}"


def written_card(writing: Writing) -> RenderedShot:
    """Make a card that is asked for."""
    return replace(_card(writing.key, writing.heading, writing.lines), written=writing.key)


def _card(name: str, heading: Sequence[str], lines: Sequence[str]) -> RenderedShot:
    whole = (0.5, 0.5, 1.0)
    shot = Shot(
        join="cut",
        minimum_seconds=CARD_SECONDS,
        picture=None,
        view_from=whole,
        view_to=whole,
        shown="",
        heading=tuple(heading),
        card=tuple(lines),
        lower_third=(),
        said=(),
        sound=None,
    )
    return RenderedShot(name, shot)


def filler_shot(number: int, drawing: Drawing) -> RenderedShot:
    """Draw a shot that no query is about."""
    card = _card(f"filler {number}", ["INTERLUDE"], [f"Number {number}"])
    return with_lines(card, [Line(drawing.filler()), Line(drawing.filler())], drawing)


def with_lines(made: RenderedShot, lines: Sequence[Line], drawing: Drawing) -> RenderedShot:
    """Have lines narrated over a shot, by a voice that is drawn."""
    voices = sorted(sample_screenplay().voices)
    voice = voices[int(drawing.generator.integers(len(voices)))]
    said = tuple(SaidLine(voice, line.text) for line in lines)
    return replace(made, shot=replace(made.shot, said=said), said=tuple(line.key for line in lines))


def with_lower_third(made: RenderedShot, writing: Writing) -> RenderedShot:
    """Write over the foot of a picture."""
    return replace(made, shot=replace(made.shot, lower_third=writing.lines), written=writing.key)
