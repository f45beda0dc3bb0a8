"""Composes films of some five minutes out of stretches, by joins that are written down.

A film is a plan first, drawn from a seed: which part of which stretch, treated how, joined how.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.shots.material import RATE, Stretch
from benchmarks.shots.treatments import LOOKS, SHARES, TREATMENTS

FILM_SECONDS = 350.0  # drawn; where a stretch is shorter than drawn, the shot is
SEED = 20260
WIDTH_PIXELS, HEIGHT_PIXELS = 192, 108
SAME_FILM_SHARE = 0.4  # of joins between two shots of one film, as between two views of a scene
SHORTEST_CLEAR_FRAMES = 12
QUICK_SHARE = 0.12  # of shots shorter than a second
LONGEST_SHOT_SECONDS = 9.0
FILM_LOOKS = ("colour", "colour", "monochrome", "colour", "night", "colour")
JOINS = ("hard", "dissolve", "fade black", "fade white")
JOIN_SHARES = (0.56, 0.26, 0.13, 0.05)

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Join:
    """How a shot is joined to the one before it, in frames.

    Attributes:
        kind: One of ``JOINS``.
        overlap: For a dissolve, frames on which both shots are seen.
        out: For a fade, frames over which the first shot goes.
        hold: For a fade, frames of nothing.
        come: For a fade, frames over which the second shot comes; 0 for at once.
    """

    kind: str
    overlap: int = 0
    out: int = 0
    hold: int = 0
    come: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot of a composed film."""

    stretch: Stretch
    first_frame: int
    num_frames: int
    treatment: str
    is_mirrored: bool
    seed: int
    join: Join


@dataclass(frozen=True, slots=True)
class TrueCut:
    """A change of shot as it was made.

    Attributes:
        kind: ``hard``, ``dissolve`` or ``fade``.
        start_seconds: First frame of the new shot; for gradual ones, first that is changed.
        end_seconds: First frame that is no longer changed; the start, for a hard cut.
    """

    kind: str
    start_seconds: float
    end_seconds: float


def plan(half_number: int, film_number: int, stretches: list[Stretch]) -> list[Piece]:
    """Draw one film; the same arguments give the same film."""
    generator = np.random.default_rng([SEED, half_number, film_number])
    outline = _draw_outline(generator)
    joins = [join for join, _ in outline]
    pieces: list[Piece] = []
    for (join, clear), following in zip(outline, [*joins[1:], Join("hard")], strict=True):
        shared = join.overlap + join.come + following.overlap + following.out
        last = pieces[-1].stretch if pieces else None
        stretch = _draw_stretch(generator, stretches, last, shared + SHORTEST_CLEAR_FRAMES)
        num_frames = min(clear + shared, stretch.num_frames)
        pieces.append(
            Piece(
                stretch=stretch,
                first_frame=int(generator.integers(stretch.num_frames - num_frames + 1)),
                num_frames=num_frames,
                treatment=str(generator.choice(list(TREATMENTS), p=SHARES)),
                is_mirrored=bool(generator.random() < 0.5),
                seed=int(generator.integers(2**31)),
                join=join,
            )
        )
    return pieces


def _draw_outline(generator: np.random.Generator) -> list[tuple[Join, int]]:
    """Draw how each shot is joined to the last, and how many frames of it are seen undisturbed."""
    outline = [(Join("hard"), 4 * RATE)]
    while sum(clear for _, clear in outline) < FILM_SECONDS * RATE:
        join = _draw_join(generator)
        outline.append((join, _draw_clear_frames(generator, join)))
    return outline


def _draw_join(generator: np.random.Generator) -> Join:
    kind = str(generator.choice(JOINS, p=JOIN_SHARES))
    if kind == "dissolve":
        return Join(kind, overlap=int(generator.integers(10, 51)))
    if kind.startswith("fade"):
        comes = generator.random() < 0.75
        return Join(
            kind,
            out=int(generator.integers(8, 26)),
            hold=int(generator.integers(0, 16)),
            come=int(generator.integers(8, 26)) if comes else 0,
        )
    return Join(kind)


def _draw_clear_frames(generator: np.random.Generator, join: Join) -> int:
    if join.kind == "hard" and generator.random() < QUICK_SHARE:
        return int(generator.integers(SHORTEST_CLEAR_FRAMES, RATE))
    seconds = float(np.clip(generator.lognormal(1.1, 0.55), 1.0, LONGEST_SHOT_SECONDS))
    return int(seconds * RATE)


def _draw_stretch(
    generator: np.random.Generator, stretches: list[Stretch], last: Stretch | None, least: int
) -> Stretch:
    """Draw a stretch other than the last; often one of the same film, where it is of one."""
    able = [stretch for stretch in stretches if stretch.num_frames >= least and stretch != last]
    if last is not None:
        stays = last.is_of_film and generator.random() < SAME_FILM_SHARE
        able = [stretch for stretch in able if (stretch.stem == last.stem) == stays] or able
    return able[int(generator.integers(len(able)))]


def compose(
    pieces: list[Piece], look: str, pictures: Mapping[Stretch, NDArray[np.uint8]]
) -> tuple[list[Picture], list[TrueCut]]:
    """Make the pictures of a film, and say where its joins came to lie."""
    film: list[Picture] = []
    truth: list[TrueCut] = []
    for piece in pieces:
        shown = list(_shot(piece, look, pictures[piece.stretch]))
        if piece.join.kind == "dissolve":
            truth.append(_dissolve(film, shown, piece.join.overlap))
        elif piece.join.kind.startswith("fade"):
            truth.append(_fade(film, shown, piece.join))
        else:
            if film:
                truth.append(TrueCut("hard", len(film) / RATE, len(film) / RATE))
            film += shown
    return film, truth


def _shot(piece: Piece, look: str, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut out, mirror, treat and scale the pictures of one shot."""
    shot = pictures[piece.first_frame : piece.first_frame + piece.num_frames]
    if piece.is_mirrored:
        shot = shot[:, :, ::-1]
    treated = TREATMENTS[piece.treatment](shot, np.random.default_rng(piece.seed))
    size = (WIDTH_PIXELS, HEIGHT_PIXELS)
    scaled = np.stack([cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in treated])
    return LOOKS[look](scaled.astype(np.uint8))


def _dissolve(film: list[Picture], shown: list[Picture], overlap: int) -> TrueCut:
    """Blend the last pictures of the film with the first of the shot."""
    start = len(film) - overlap
    for place in range(overlap):
        share = (place + 1) / (overlap + 1)
        film[start + place] = mix(film[start + place], shown[place], share)
    film += shown[overlap:]
    return TrueCut("dissolve", start / RATE, (start + overlap) / RATE)


def _fade(film: list[Picture], shown: list[Picture], join: Join) -> TrueCut:
    """Let the film go into black or white, and the shot come out of it."""
    nothing = np.full_like(shown[0], 255 if join.kind == "fade white" else 0)
    start = len(film) - join.out
    for place in range(join.out):
        film[start + place] = mix(film[start + place], nothing, (place + 1) / (join.out + 1))
    film += [nothing] * max(join.hold, 1)
    come = [mix(nothing, shown[place], (place + 1) / (join.come + 1)) for place in range(join.come)]
    film += come
    end = len(film)
    film += shown[join.come :]
    return TrueCut("fade", start / RATE, end / RATE)


def mix(first: Picture, second: Picture, share: float) -> Picture:
    """Blend two pictures."""
    blended: Picture = cv2.addWeighted(first, 1 - share, second, share, 0).astype(np.uint8)
    return blended
