"""How a made-up library is laid out: where each row lies in which video, and how rows are found."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from store.records import EvidenceKind, Hit
from store.timespan import TimeSpan

CLIPS_PER_VIDEO = 100
TEXTS_PER_CLIP = 4
TEXTS_PER_VIDEO = CLIPS_PER_VIDEO * TEXTS_PER_CLIP
ROW_SECONDS = 2.0
CLIP_SECONDS = ROW_SECONDS * TEXTS_PER_CLIP
VIDEO_SECONDS = CLIP_SECONDS * CLIPS_PER_VIDEO
# What each of a clip's texts is.
KINDS = (
    EvidenceKind.SPEECH,
    EvidenceKind.SPEECH,
    EvidenceKind.SUBTITLE,
    EvidenceKind.SCREEN_TEXT,
)
TEXT, PICTURE = "text", "picture"
SPACES = (TEXT, PICTURE)


@dataclass(frozen=True, slots=True)
class Position:
    """One row inside its video: the ``place``-th text or picture of a clip."""

    clip_ordinal: int
    place: int

    @property
    def span(self) -> TimeSpan:
        """Which seconds it is about; unlike those of every other row of its space and video."""
        start = self.clip_ordinal * CLIP_SECONDS + self.place * ROW_SECONDS
        return TimeSpan(start, start + ROW_SECONDS)


@dataclass(frozen=True)
class Plan:
    """One library.

    Rows of a space are numbered video by video in time order; that number is its row in the file of
    vectors. A smaller plan's videos are the first ones of a larger plan.

    Attributes:
        num_texts: A multiple of ``TEXTS_PER_VIDEO``.
        pictures_per_clip: At most ``TEXTS_PER_CLIP``.
    """

    num_texts: int
    pictures_per_clip: int

    def __post_init__(self) -> None:
        if self.num_texts < 1 or self.num_texts % TEXTS_PER_VIDEO:
            raise ValueError(f"texts come by {TEXTS_PER_VIDEO}, got {self.num_texts}")
        if not 1 <= self.pictures_per_clip <= TEXTS_PER_CLIP:
            raise ValueError(f"1 to {TEXTS_PER_CLIP} pictures a clip, not {self.pictures_per_clip}")

    @property
    def name(self) -> str:
        """For example ``texts-400000-pictures-100000``."""
        return f"texts-{self.num_rows(TEXT)}-pictures-{self.num_rows(PICTURE)}"

    @property
    def num_videos(self) -> int:
        """Videos of the library."""
        return self.num_texts // TEXTS_PER_VIDEO

    @property
    def num_clips(self) -> int:
        """Clips of the library."""
        return self.num_videos * CLIPS_PER_VIDEO

    def num_rows(self, space: str) -> int:
        """Count the vectors of a space."""
        return self.num_videos * self.rows_per_video(space)

    def rows_per_video(self, space: str) -> int:
        """Count the vectors of a space that each video has."""
        return CLIPS_PER_VIDEO * self.rows_per_clip(space)

    def rows_per_clip(self, space: str) -> int:
        """Count the vectors of a space that each clip has."""
        return TEXTS_PER_CLIP if space == TEXT else self.pictures_per_clip

    def row_of(self, hit: Hit) -> int:
        """Number the row that was found."""
        space = PICTURE if hit.evidence is None else TEXT
        place = round((hit.span.start_seconds - hit.clip.span.start_seconds) / ROW_SECONDS)
        first = self._number_of[hit.clip.video_id] * self.rows_per_video(space)
        return first + hit.clip.ordinal * self.rows_per_clip(space) + place

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {video_id(number): number for number in range(self.num_videos)}


def positions(plan: Plan, space: str) -> list[Position]:
    """List where a video's rows of a space lie, in row order."""
    places = range(plan.rows_per_clip(space))
    return [Position(ordinal, place) for ordinal in range(CLIPS_PER_VIDEO) for place in places]


def video_id(number: int) -> str:
    """Name a made-up video."""
    return blake2b(f"made-up video {number}".encode(), digest_size=32).hexdigest()


def plan_of(num_vectors: int) -> Plan:
    """Lay out two spaces of as many vectors each, rounded up to whole videos."""
    num_videos = -(-num_vectors // TEXTS_PER_VIDEO)
    return Plan(num_videos * TEXTS_PER_VIDEO, TEXTS_PER_CLIP)
