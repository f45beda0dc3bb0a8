"""What a look at a library found, and what a repair did about it, as values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

OnVideo = Callable[[int, int], None]
"""Told how many videos of how many are done."""


class ProblemKind(StrEnum):
    """What is wrong, by what a repair does about it."""

    DATABASE = "database"
    """The database cannot be trusted; what can be read and proven is saved into a new one."""
    OWNERLESS = "ownerless"
    """Rows whose owner is gone; they are deleted."""
    VIDEO = "video"
    """What is read of a video is not what was published; it is taken out, to be indexed again."""
    DIGEST = "digest"
    """A video of cinedex 0.1, which kept no digest; it is written."""
    FULL_TEXT = "full text"
    """The full-text index does not fit; it is made anew."""
    VECTORS = "vectors"
    """Vector files do not fit; they are made anew."""
    SPACE = "space"
    """An embedding space without vectors; it is dropped."""
    THUMBNAIL = "thumbnail"
    """A picture is gone or is another one; its clip goes without."""
    STRAY_FILE = "stray file"
    """A file that nothing names, left by a run that was killed; it is deleted."""


NOTES = frozenset({ProblemKind.DIGEST, ProblemKind.SPACE, ProblemKind.STRAY_FILE})
"""Worth knowing; nothing that a user does comes out wrong for it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be.

    Attributes:
        about: A video's path, a file, a table or a database.
        found: What is wrong.
        remedy: What to do, or what a repair does.
        is_note: Worth knowing, and harmless.
        video_id: Of the video it is about, if it is about one.
    """

    kind: ProblemKind
    about: str
    found: str
    remedy: str = "run `cinedex check --repair`"
    is_repairable: bool = True
    is_note: bool = False
    video_id: str | None = None


def problem(
    kind: ProblemKind, about: object, found: object, video_id: str | None = None
) -> Problem:
    """Make one that a repair can mend."""
    return Problem(kind, str(about), str(found), is_note=kind in NOTES, video_id=video_id)


@dataclass(frozen=True, slots=True)
class VideoCounts:
    """How much there is of one video."""

    video_id: str
    title: str
    path: str
    num_clips: int
    num_evidence: int
    num_vectors: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a library holds.

    Attributes:
        num_vectors: Space id to vectors.
        generation: Publishes and removals so far.
        num_files: Below the library's directory.
        num_bytes: Of these files.
    """

    num_videos: int
    num_clips: int
    num_evidence: int
    num_vectors: dict[str, int]
    generation: int
    num_files: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a look at a library found.

    Attributes:
        counts: ``None`` where the database is too damaged to count.
        videos: By title.
    """

    root: Path
    problems: tuple[Problem, ...]
    counts: Counts | None
    videos: tuple[VideoCounts, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing but notes was found."""
        return all(found.is_note for found in self.problems)

    def of(self, *kinds: ProblemKind) -> Iterator[Problem]:
        """List the problems of some kinds."""
        return (found for found in self.problems if found.kind in kinds)

    def has(self, *kinds: ProblemKind) -> bool:
        """Say whether there is a problem of one of these kinds."""
        return any(self.of(*kinds))


@dataclass(frozen=True, slots=True)
class LostVideo:
    """A video that is not in the library any more; indexing its file brings it back.

    Attributes:
        path: Where it was seen last; empty where that could not be read.
        reason: Why it could not be kept.
    """

    video_id: str
    path: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair found and did.

    Attributes:
        before: What was found.
        done: In words, in order.
        lost: Videos that were taken out, or could not be saved.
        unread: What else could not be read out of a damaged database.
        damaged_copy: Where the damaged database is kept; ``None`` where it went on to be used.
        after: What is found now.
    """

    before: CheckReport
    done: tuple[str, ...]
    lost: tuple[LostVideo, ...]
    unread: tuple[str, ...]
    damaged_copy: Path | None
    after: CheckReport
