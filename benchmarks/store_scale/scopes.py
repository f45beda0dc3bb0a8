"""The parts of a library that filtered searches look at, as scopes and as masks over rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.store_scale.plan import (
    KINDS,
    TEXT,
    VIDEO_SECONDS,
    Plan,
    positions,
    video_id,
)
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan

SHARES = (0.01, 0.1, 0.5)
RANDOM_SEED = 5
EVERYTHING = "everything"
# Both end where a clip does.
BEGINNING = TimeSpan(0.0, VIDEO_SECONDS / 10)
OPENING = TimeSpan(0.0, VIDEO_SECONDS / 25)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A scope, with the rows of each video that it holds when it is not about videos.

    Attributes:
        videos: Numbers of the videos that it names; ``None`` for all.
        kinds: Of evidence; ``None`` for all.
        within: Seconds of each video; ``None`` for all.
    """

    name: str
    videos: tuple[int, ...] | None = None
    kinds: tuple[EvidenceKind, ...] | None = None
    within: TimeSpan | None = None

    @property
    def scope(self) -> Scope:
        """What the store is asked."""
        ids = None if self.videos is None else tuple(video_id(number) for number in self.videos)
        return Scope(video_ids=ids, kinds=self.kinds, within=self.within)

    def mask(self, plan: Plan, space: str) -> NDArray[np.bool_]:
        """Say of every row of a space whether it may be found, ``(N,)``."""
        of_video = np.array(
            [
                (self.within is None or position.span.overlaps(self.within))
                and (self.kinds is None or (space == TEXT and KINDS[position.place] in self.kinds))
                for position in positions(plan, space)
            ]
        )
        is_in = np.ones(plan.num_videos, dtype=bool)
        if self.videos is not None:
            is_in[:] = False
            is_in[list(self.videos)] = True
        return np.outer(is_in, of_video).ravel()


def parts_of(plan: Plan, space: str) -> list[Part]:
    """List the parts to search; a small library has at least one video in each."""
    random_videos = np.random.default_rng(RANDOM_SEED).permutation(plan.num_videos).tolist()
    parts = [Part(EVERYTHING)]
    parts += [
        Part(f"{share:.0%} by video", tuple(random_videos[: round(share * plan.num_videos) or 1]))
        for share in SHARES
    ]
    parts.append(Part("10% by time", within=BEGINNING))
    if space == TEXT:
        parts.append(Part("50% by kind", kinds=(EvidenceKind.SPEECH,)))
        parts.append(Part("1% by kind and time", kinds=(EvidenceKind.SCREEN_TEXT,), within=OPENING))
    return parts
