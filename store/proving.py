"""Whether what is read of a video is what was published of it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import String, cast, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from store import catalogue
from store.database import Database
from store.errors import InputError, LibraryDamagedError
from store.records import IndexedVideo
from store.tables import VideoRow
from store.wholes import content_digest, read_whole

# What reading rows that make no sense may raise: a span that ends before it starts, a kind that
# there is not, JSON or vectors cut short, a number where a text should be.
UNREADABLE = (
    *(LibraryDamagedError, InputError, SQLAlchemyError),
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError),
)


@dataclass(frozen=True, slots=True)
class KnownVideo:
    """What names a video, read without trusting the rest of its row.

    Attributes:
        row: Its id.
        path: Where it was seen last; empty where that cannot be read.
        digest: Of what was published; ``None`` where cinedex 0.1 published it.
    """

    row: int
    video_id: str
    title: str
    path: str
    digest: str | None

    @property
    def name(self) -> str:
        """What a person is told."""
        return self.path or self.title or self.video_id


@dataclass(frozen=True, slots=True)
class VideoReading:
    """A video as it is read today.

    Attributes:
        thumbnails: Clip ordinal to file name.
        digest: Of what was read.
    """

    whole: IndexedVideo
    thumbnails: Mapping[int, str]
    digest: str


def known_videos(session: Session) -> list[KnownVideo]:
    """List the videos in the order they were published."""
    paths = cast(VideoRow.paths, String)
    columns = select(
        VideoRow.id, VideoRow.video_id, VideoRow.title, paths, VideoRow.content_digest
    ).order_by(VideoRow.id)
    return [
        KnownVideo(row, str(video_id), str(title), _latest(written), digest)
        for row, video_id, title, written, digest in session.execute(columns)
    ]


def read_video(session: Session, video_id: str) -> VideoReading:
    """Read a video whole and digest it; what cannot be read raises one of ``UNREADABLE``."""
    whole = read_whole(session, video_id)
    if not whole.video.paths:  # which no digest holds, for a file may be moved
        raise LibraryDamagedError("it has no path")
    thumbnails = catalogue.thumbnail_names(session, video_id)
    return VideoReading(whole, thumbnails, content_digest(whole, thumbnails))


def doubt(database: Database, video: KnownVideo) -> str | None:
    """Say why a video is not what was published; ``None`` where it is, or where no digest tells."""
    try:
        with database.reading() as session:
            same = VideoRow.video_id == video.video_id
            # Asked again: it may have been indexed anew, or removed, since it was listed.
            found = session.execute(select(VideoRow.content_digest).where(same)).first()
            reading = read_video(session, video.video_id) if found else None
    except UNREADABLE as error:
        return explained(error)
    if found is None or reading is None or found[0] in (None, reading.digest):
        return None
    return "is not what was published"


def explained(error: Exception) -> str:
    """Say in one line why something cannot be read, in the words of the database where it knows."""
    said = getattr(error.__cause__, "orig", None) or error
    first = str(said).strip().splitlines()[:1]
    return f"cannot be read ({first[0] if first else type(said).__name__})"


def _latest(written: object) -> str:
    with suppress(*UNREADABLE):
        return str(json.loads(str(written))[0])
    return ""
