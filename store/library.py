"""A library: one directory, opened and closed as one thing.

    library.toml         what the directory is; written last when it is created
    catalogue.sqlite     the truth
    vectors/             caches, rebuilt when they do not fit the catalogue
    thumbnails/          JPEG files

Reading and searching are in ``store/reader.py``.
"""

import os
from pathlib import Path
from typing import Any, Self

from store import catalogue, publishing
from store.database import BUSY_TIMEOUT_SECONDS, Database
from store.layout import Layout
from store.reader import Reader
from store.records import IndexedVideo
from store.schema import migrate, require_current
from store.tables import AnswerRow


class Library(Reader):
    """What was found in some videos; made by ``create`` or ``open``, closed by ``close``.

    Safe to use from several threads. Other processes may read and write the same library
    at the same time.
    """

    @classmethod
    def create(cls, root: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Self:
        """Make a library, or open the one that is there.

        Raises:
            LibraryError: The directory cannot be made; or as ``open``.
        """
        layout = Layout(root)
        if layout.is_complete():
            return cls.open(root, busy_timeout_seconds=busy_timeout_seconds)
        layout.prepare()
        database = Database(layout.catalogue, busy_timeout_seconds)
        try:
            database.use_write_ahead_log()
            migrate(database)
            layout.complete()
        except BaseException:
            database.close()
            raise
        return cls(layout, database)

    @classmethod
    def open(cls, root: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Self:
        """Open a library.

        Raises:
            LibraryNotFoundError: There is none at ``root``.
            LibraryNewerError: A newer cinedex wrote it.
            LibraryDamagedError: Its catalogue cannot be read.
            LibraryLockedError: It must be migrated, and another process is writing.
        """
        layout = Layout(root)
        layout.require()
        database = Database(layout.catalogue, busy_timeout_seconds)
        try:
            require_current(database)
        except BaseException:
            database.close()
            raise
        return cls(layout, database)

    def publish(self, indexed: IndexedVideo) -> None:
        """Put a video's index in place of what the library has of it: all of it or nothing.

        Raises:
            EncoderMismatchError: One of its spaces holds another encoder's vectors.
            LibraryFullError: No space left.
            LibraryLockedError: Another process keeps writing.
            ValueError: Its parts do not belong together.
        """
        publishing.require_consistent(indexed)
        video_id = indexed.video.video_id
        thumbnails = self._thumbnails.write(video_id, indexed.thumbnails)
        with self._database.writing() as session:
            publishing.publish(session, indexed, thumbnails)
        self._thumbnails.drop_orphans(video_id, kept=set(thumbnails.values()))

    def move_video(self, video_id: str, path: str | os.PathLike[str]) -> None:
        """Put a path in front of those where a video was seen.

        Raises:
            UnknownNameError: No video has this id.
        """
        with self._database.writing() as session:
            video = catalogue.require_video(session, video_id)
            latest = os.fspath(path)
            video.paths = [latest, *(seen for seen in video.paths if seen != latest)]

    def remove(self, video_id: str) -> None:
        """Delete a video and all that was found in it; the media file stays.

        Raises:
            UnknownNameError: No video has this id.
        """
        with self._database.writing() as session:
            publishing.remove(session, catalogue.require_video(session, video_id))
        self._thumbnails.drop_orphans(video_id, kept=())
        self._dense.forget()

    def save_answer(self, payload: dict[str, Any]) -> int:
        """Keep an evidence bundle (what JSON can say) and return the number to read it back by."""
        with self._database.writing() as session:
            row = AnswerRow(payload=payload)
            session.add(row)
            session.flush()
            return row.id
