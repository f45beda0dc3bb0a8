"""The screenplay as data: what ``sample/script.toml`` says, before anything has a time."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rendering.errors import ScreenplayError

Join = Literal["cut", "dissolve"]
View = tuple[float, float, float]


@dataclass(frozen=True)
class Voice:
    """One narrator, as espeak-ng knows it."""

    espeak_voice: str
    words_per_minute: int


@dataclass(frozen=True)
class SaidLine:
    """One sentence group spoken by one narrator without a pause of ours."""

    voice: str
    text: str


@dataclass(frozen=True)
class Shot:
    """One shot: a picture under a moving camera, or a title card when ``picture`` is None.

    Views are ``(centre x, centre y, width)`` in fractions of the picture.
    """

    join: Join
    minimum_seconds: float
    picture: str | None
    view_from: View
    view_to: View
    shown: str
    heading: tuple[str, ...]
    card: tuple[str, ...]
    lower_third: tuple[str, ...]
    said: tuple[SaidLine, ...]
    sound: str | None


@dataclass(frozen=True)
class Screenplay:
    """A whole film, in order of showing."""

    title: str
    width_pixels: int
    height_pixels: int
    frames_per_second: int
    dissolve_seconds: float
    voices: dict[str, Voice]
    shots: tuple[Shot, ...]

    @property
    def dissolve_frames(self) -> int:
        """Frames in which two shots are seen at once."""
        return round(self.dissolve_seconds * self.frames_per_second)


def load_screenplay(path: Path) -> Screenplay:
    """Read a screenplay.

    Raises:
        ScreenplayError: A shot is incomplete or names an unknown narrator.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    voices = {name: Voice(**fields) for name, fields in raw["voices"].items()}
    shots = tuple(_shot(number, fields) for number, fields in enumerate(raw["shot"], start=1))
    unknown = {line.voice for shot in shots for line in shot.said} - set(voices)
    if unknown:
        raise ScreenplayError(f"unknown voices {sorted(unknown)}; add them under [voices]")
    return Screenplay(voices=voices, shots=shots, **raw["film"])


def _shot(number: int, fields: dict[str, Any]) -> Shot:
    picture = fields.get("picture")
    needed = ("view_from", "view_to", "shown") if picture else ("heading",)
    missing = [name for name in needed if name not in fields]
    if missing:
        raise ScreenplayError(f"shot {number} lacks {missing}; add them in script.toml")
    whole: View = (0.5, 0.5, 1.0)
    return Shot(
        join=fields.get("join", "cut"),
        minimum_seconds=float(fields.get("seconds", 4.0)),
        picture=picture,
        view_from=tuple(fields.get("view_from", whole)),
        view_to=tuple(fields.get("view_to", whole)),
        shown=fields.get("shown", ""),
        heading=tuple(fields.get("heading", ())),
        card=tuple(fields.get("card", ())),
        lower_third=tuple(fields.get("lower_third", ())),
        said=tuple(SaidLine(voice, text) for voice, text in fields.get("said", ())),
        sound=fields.get("sound"),
    )
