"""Measure whether scenes begin where one video ends and another begins.

    python -m benchmarks.scenes LIBRARY

``LIBRARY`` holds the footage and the sample film, indexed with everything on. The clips of its
videos are joined in random orders to long films whose borders are known. It shows that a change of
subject is found; not that the scenes inside a video are a person's, for those are marked nowhere.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.run import keep
from indexer.scenes import SceneOptions, clip_directions, cut_scenes
from store.library import Library
from store.records import Clip
from store.timespan import TimeSpan

Float = NDArray[np.float64]

PRICES = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0)
MOST_CLIPS = 12  # of one video, some two minutes, so that none is most of a film
NUM_FILMS = 20
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One video's clips, and for each space the direction of each clip."""

    clips: Sequence[Clip]
    directions: dict[str, Float]


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A film of several videos.

    Attributes:
        spaces: As ``cut_scenes`` takes them.
        borders: Positions of the clips that another video begins with.
    """

    clips: list[Clip]
    spaces: list[Float]
    borders: frozenset[int]


def parts_of(library: Library) -> list[Part]:
    """Read every video that is long enough for a scene."""
    found = []
    for video in library.videos():
        if video.duration_seconds < SceneOptions().min_seconds:
            continue
        whole = library.indexed_video(video.video_id)
        directions = clip_directions(whole.clips, whole.embeddings)
        cut = {space: rows[:MOST_CLIPS] for space, rows in directions.items()}
        found.append(Part(whole.clips[:MOST_CLIPS], cut))
    return found


def joined(parts: Sequence[Part]) -> Joined:
    """Lay videos end to end."""
    clips: list[Clip] = []
    borders = []
    for part in parts:
        borders.append(len(clips))
        for clip in part.clips:
            start = clips[-1].span.end_seconds if clips else 0.0
            span = TimeSpan(start, start + clip.span.duration_seconds)
            clips.append(Clip("joined", len(clips), span))
    lengths = {space: rows.shape[1] for part in parts for space, rows in part.directions.items()}
    spaces = [
        np.vstack(
            [part.directions.get(space, np.zeros((len(part.clips), length))) for part in parts]
        )
        for space, length in sorted(lengths.items())
    ]
    return Joined(clips, spaces, frozenset(borders[1:]))


def evenly_spaced(film: Joined, num_cuts: int) -> set[int]:
    """Cut as often as somebody else did, without looking."""
    starts = np.array([clip.span.start_seconds for clip in film.clips])
    instants = film.clips[-1].span.end_seconds * np.arange(1, num_cuts + 1) / (num_cuts + 1)
    return {int(np.abs(starts - instant).argmin()) for instant in instants}


def measure(films: Sequence[Joined], price: float) -> dict[str, Any]:
    """Count borders that are cut, and cuts."""
    exact = near = even = num_cuts = 0
    for film in films:
        scenes = cut_scenes(film.clips, film.spaces, SceneOptions(price=price))
        cuts = {scene.start for scene in scenes} - {0}
        exact += len(film.borders & cuts)
        near += sum(not cuts.isdisjoint((at - 1, at, at + 1)) for at in film.borders)
        even += len(film.borders & evenly_spaced(film, len(cuts)))
        num_cuts += len(cuts)
    num_borders = sum(len(film.borders) for film in films)
    seconds = sum(film.clips[-1].span.end_seconds for film in films)
    return {
        "price": price,
        "borders cut": round(exact / num_borders, 3),
        "borders cut within a clip": round(near / num_borders, 3),
        "borders cut by as many even cuts": round(even / num_borders, 3),
        "cuts a border": round(num_cuts / num_borders, 2),
        "mean scene seconds": round(seconds / (num_cuts + len(films)), 1),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    with Library.open(parser.parse_args().library) as library:
        parts = parts_of(library)
    rng = np.random.default_rng(SEED)
    films = [joined([parts[at] for at in rng.permutation(len(parts))]) for _ in range(NUM_FILMS)]
    rows = [measure(films, price) for price in PRICES]
    for row in rows:
        print(row)
    keep("scenes", {"num_videos": len(parts), "num_films": len(films), "prices": rows})


if __name__ == "__main__":
    main()
