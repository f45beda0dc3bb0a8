"""Where a video's clips divide into scenes: stretches whose clips are alike.

Kernel change-point detection (Harchaoui & Cappé 2007) with the cosine kernel over what is said and
written in a clip and over what it shows: of all divisions the one with the least scatter inside its
scenes, plus a price for each scene, by an exact dynamic programme. Optimal sequential grouping
(Rotman, Porat & Ashour 2017) solves the same for shots; its number of scenes is found by an elbow,
where here a scene has to be worth its price, so that a film of one subject stays whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.records import Clip, Embedding

Float = NDArray[np.float64]

_BROKEN_LIMIT = 1e9
_LEAST_NOISE = 1e-6  # clips that differ by less are the same, but for rounding
# Equal divisions differ behind these by how sums were rounded; the longest last scene is taken.
_SAME_DECIMALS = 6
# Float sums of seconds are compared with this slack; far below a millisecond.
_SLACK_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """How clips are joined to scenes.

    Attributes:
        min_seconds: Only a video that is shorter has a shorter scene: itself.
        max_seconds: At least twice ``min_seconds``; only a clip that is longer makes a longer one.
        price: Of a scene, in scatters between two clips that follow each other.
    """

    min_seconds: float = 30.0
    max_seconds: float = 300.0
    price: float = 1.2

    def __post_init__(self) -> None:
        if not 0 < self.min_seconds <= self.max_seconds / 2:
            raise ValueError(f"scenes need 0 < min_seconds <= max_seconds / 2, got {self}")


def clip_directions(clips: Sequence[Clip], embeddings: Iterable[Embedding]) -> dict[str, Float]:
    """Pool the vectors of each clip.

    Args:
        clips: ``S`` clips of one video.
        embeddings: Of these clips.

    Returns:
        Space id to the mean direction of each clip's vectors: ``(S, D)``, rows of unit length, or
        of zeros where a clip has none; by space id.
    """
    place = {clip.ordinal: number for number, clip in enumerate(clips)}
    spaces: dict[str, Float] = {}
    for embedding in embeddings:
        if embedding.space_id not in spaces:
            spaces[embedding.space_id] = np.zeros((len(clips), len(embedding.vector)))
        spaces[embedding.space_id][place[embedding.clip_ordinal]] += embedding.vector
    for rows in spaces.values():
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
    return dict(sorted(spaces.items()))


def cut_scenes(
    clips: Sequence[Clip], spaces: Sequence[Float], options: SceneOptions = SceneOptions()
) -> list[range]:
    """Divide the clips of one video into scenes.

    Args:
        clips: ``S`` clips in time order that touch each other.
        spaces: For each space ``(S, D)`` float64: a row of unit length for each clip, of zeros for
            one of which the space says nothing.
        options: How long scenes are, and what one costs.

    Returns:
        The positions of each scene's clips, in time order; together they are all clips.

    Source:
        Harchaoui & Cappé, "Retrospective multiple change-point estimation with kernels", SSP 2007.
            Arlot, Celisse & Harchaoui, "A kernel multiple change-point algorithm via model
            selection", JMLR 2019, price a change by the noise. Here the noise is estimated from
            differences of neighbours (von Neumann 1941). The price was chosen by
            ``benchmarks/scenes.py``, which finds as many borders at 1.5, and by the parts of the
            sample film, which then go missing.
    """
    if not clips:
        return []
    starts = np.array([clip.span.start_seconds for clip in clips])
    ends = np.array([clip.span.end_seconds for clip in clips])
    scatters = [_Scatter(rows) for rows in spaces if _noise(rows) > _LEAST_NOISE]
    price = options.price * len(scatters)
    best = np.zeros(len(clips) + 1)
    begun_at = np.zeros(len(clips) + 1, np.int64)
    for end in range(1, len(clips) + 1):
        earliest = ends[end - 1] - options.max_seconds - _SLACK_SECONDS
        first = min(int(np.searchsorted(starts, earliest)), end - 1)
        begun = np.arange(first, end)
        is_short = ends[end - 1] - starts[first:end] < options.min_seconds - _SLACK_SECONDS
        cost = best[first:end] + price + _BROKEN_LIMIT * is_short
        for scatter in scatters:
            cost += scatter.inside(begun, end)
        chosen = int(np.argmin(cost.round(_SAME_DECIMALS)))
        best[end], begun_at[end] = cost[chosen], first + chosen
    return _scenes(begun_at)


class _Scatter:
    """Sums of squared distances to the mean of any run of clips, in units of the noise.

    Args:
        rows: ``(S, D)``, unit or zero.
    """

    def __init__(self, rows: Float) -> None:
        self._noise = _noise(rows)
        self._sums = np.zeros((len(rows) + 1, rows.shape[1]))
        np.cumsum(rows, axis=0, out=self._sums[1:])
        self._counts = np.concatenate([[0], np.cumsum(_is_known(rows))])

    def inside(self, begun: NDArray[np.int64], end: int) -> Float:
        """Measure the scatter of the clips ``begun[i]:end`` for each ``i``."""
        counts = self._counts[end] - self._counts[begun]
        sums = self._sums[end] - self._sums[begun]
        scatter: Float = counts - np.square(sums).sum(axis=1) / np.maximum(counts, 1)
        return scatter / self._noise


def _is_known(rows: Float) -> NDArray[np.bool_]:
    is_known: NDArray[np.bool_] = (rows != 0).sum(axis=1) > 0
    return is_known


def _noise(rows: Float) -> float:
    """Estimate how far a clip lies from what its scene is about: half of the mean squared step."""
    known = rows[_is_known(rows)]
    return (
        float(np.square(np.diff(known, axis=0)).sum(axis=1).mean() / 2) if len(known) > 1 else 0.0
    )


def _scenes(begun_at: NDArray[np.int64]) -> list[range]:
    scenes = []
    end = len(begun_at) - 1
    while end:
        scenes.append(range(int(begun_at[end]), end))
        end = int(begun_at[end])
    return scenes[::-1]
