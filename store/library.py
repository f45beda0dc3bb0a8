"""A library: one directory, opened and closed as one thing.

    library.toml         what the directory is; written last when it is created
    catalogue.sqlite     the truth, unless library.toml names a PostgreSQL database
    vectors/             caches, rebuilt when they do not fit the catalogue
    thumbnails/          JPEG files
    claims.lock          empty; whoever indexes a video locks a part of it

Reading and searching are in ``store/reader.py``.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import delete
from sqlalchemy.orm import Session

from store import catalogue, publishing
from store.answers import Added, SavedAnswer, add_answers
from store.claims import Claims
from store.compacting import Compactor
from store.database import BUSY_TIMEOUT_SECONDS, Database
from store.errors import ConfigError, LibraryError
from store.interfaces import OnRows, VectorIndex
from store.layout import Layout, LibrarySettings
from store.opening import open_database, open_vector_index
from store.reader import Reader
from store.records import IndexedVideo
from store.relocating import MovedPath, PathMaps, relocate
from store.schema import migrate, require_current
from store.stage_results import StageResults
from store.tables import AnswerRow, StageResultRow


class Library(Reader):
    """What was found in some videos; made by ``create`` or ``open``, closed by ``close``.

    Safe to use from several threads. Other processes may read and write the same library
    at the same time.
    """

    def __init__(self, layout: Layout, database: Database, vector_index: VectorIndex) -> None:
        super().__init__(layout, database, vector_index)
        self._layout = layout
        self._indexes = publishing.Indexes(database.text_index, vector_index)
        self._compactor = Compactor(database, vector_index)
        self.stage_results = StageResults(database)
        self.claims = Claims(layout.claims)

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        settings: LibrarySettings | None = None,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        on_rows: OnRows | None = None,
    ) -> Self:
        """Make a library, or open the one that is there.

        Args:
            root: Its directory.
            settings: Where the catalogue and vectors of a new library are kept; ``None`` for files
                in the directory, or whatever the library that is there says.
            busy_timeout_seconds: How long a writer waits for another.
            on_rows: As for ``open``.

        Raises:
            LibraryError: The directory cannot be made; or as ``open``.
            ConfigError: The library that is there has other settings, or no server can fulfil
                these.
        """
        layout = Layout(root)
        if layout.is_complete():
            if settings not in (None, layout.require()):
                raise ConfigError(
                    f"the library at {root} keeps its catalogue or vectors elsewhere; see "
                    f"{layout.settings}, or name another directory"
                )
            return cls.open(root, busy_timeout_seconds=busy_timeout_seconds, on_rows=on_rows)
        chosen = settings or LibrarySettings()
        layout.prepare(chosen)
        database = open_database(layout, chosen, busy_timeout_seconds)
        try:
            database.prepare()
            migrate(database)
            vector_index = open_vector_index(layout, chosen, database, on_rows)
            layout.complete(chosen)
        except BaseException:
            database.close()
            raise
        return cls(layout, database, vector_index)

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        on_rows: OnRows | None = None,
    ) -> Self:
        """Open a library.

        Args:
            root: Its directory.
            busy_timeout_seconds: How long a writer waits for another.
            on_rows: Told how far it is when vectors must be read from the catalogue because their
                file is missing or damaged.

        Raises:
            LibraryNotFoundError: There is none at ``root``.
            LibraryNewerError: A newer cinedex wrote it.
            LibraryDamagedError: Its catalogue cannot be read.
            LibraryLockedError: It must be migrated, and another process is writing.
            LibraryConnectionError: The server that holds its catalogue cannot be reached.
            LibraryPlaceError: Its catalogue is an SQLite file on a network share.
        """
        layout = Layout(root)
        settings = layout.require()
        database = open_database(layout, settings, busy_timeout_seconds)
        try:
            require_current(database)
            vector_index = open_vector_index(layout, settings, database, on_rows)
        except BaseException:
            database.close()
            raise
        return cls(layout, database, vector_index)

    def close(self) -> None:
        """Let go of every file; what runs in the background is given up, and nothing is lost."""
        self._compactor.stop()
        super().close()

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
        # Ahead, so that nobody waits for it; what fails, or another's publish sweeps away, is
        # written again when it is our turn.
        with suppress(LibraryError):
            self._thumbnails.write(video_id, indexed.thumbnails)

        def work(session: Session) -> None:
            thumbnails = self._thumbnails.write(video_id, indexed.thumbnails)
            publishing.publish(session, indexed, thumbnails, self._indexes)

        self._database.write(work)
        self._sweep_thumbnails(video_id)
        self._compactor.start()

    def move_video(self, video_id: str, path: str | os.PathLike[str]) -> None:
        """Put a path in front of those where a video was seen.

        Raises:
            UnknownNameError: No video has this id.
        """

        def work(session: Session) -> None:
            video = catalogue.require_video(session, video_id)
            latest = os.fspath(path)
            video.paths = [latest, *(seen for seen in video.paths if seen != latest)]

        self._database.write(work)

    def merge_paths(self, video_id: str, paths: Iterable[str]) -> None:
        """Put paths behind those where a video was seen.

        Raises:
            UnknownNameError: No video has this id.
        """
        added = list(paths)

        def work(session: Session) -> None:
            video = catalogue.require_video(session, video_id)
            video.paths = list(dict.fromkeys([*video.paths, *added]))

        self._database.write(work)

    def relocate(self, maps: PathMaps, *, is_dry_run: bool = False) -> list[MovedPath]:
        """Write every path anew that begins with a folder that was moved, in one transaction.

        Args:
            maps: Which folders were moved where.
            is_dry_run: Say what would change and change nothing.

        Returns:
            What changes, by video and old path.
        """
        if is_dry_run:
            with self._database.reading() as session:
                return relocate(session, maps, is_dry_run=True)
        return self._database.write(lambda session: relocate(session, maps, is_dry_run=False))

    def remove(self, video_id: str) -> None:
        """Delete a video and all that was found in it; the media file stays.

        Its text, vectors and pictures leave the files, and their space is given back.

        Raises:
            UnknownNameError: No video has this id.
        """
        with self._database.reading() as session:
            catalogue.require_video(session, video_id)

        def work(session: Session) -> None:
            video = catalogue.video_row(session, video_id)
            if video is not None:  # by a commit whose answer was lost with the connection
                publishing.take_out(session, video.id, self._indexes)
            session.execute(delete(StageResultRow).where(StageResultRow.video_id == video_id))

        self._database.write(work)
        self._sweep_thumbnails(video_id)
        self._compactor.run(is_forced=True)
        self._database.reclaim()

    def compact(self, on_rows: OnRows | None = None, *, is_forced: bool = False) -> None:
        """Bring the vector index up to date, so that the next process opens and searches quickly.

        Args:
            on_rows: Told how far it is; what it raises ends the work, and nothing is lost.
            is_forced: Even where little has changed; what killed processes left goes too, and
                what stages found in videos that were never published.
        """
        self._compactor.run(on_rows, is_forced=is_forced)
        if is_forced:
            self._layout.drop_unfinished()
            self.stage_results.forget_unpublished()
            for video_id in self._thumbnails.video_ids():
                self._sweep_thumbnails(video_id)
        self._database.settle()

    def quantise(self) -> None:
        """Keep the vectors in a quarter of the space, where that finds 0.95 of what they find.

        Raises:
            RecallTooLowError: It does not; everything is as it was.
        """
        self._compactor.quantise()

    def save_answer(self, payload: dict[str, Any]) -> int:
        """Keep an evidence bundle and return the number to read it back by.

        Raises:
            ValueError: It holds what JSON cannot say.
        """
        try:
            json.dumps(payload)
        except TypeError as error:
            raise ValueError(f"an answer cannot hold what was given: {error}") from error
        with self._database.writing() as session:
            row = AnswerRow(payload=payload)
            session.add(row)
            session.flush()
            return row.id

    def add_answers(self, answers: Iterable[SavedAnswer]) -> Added:
        """Keep answers of another library, and what people said of them: all or none.

        Args:
            answers: Oldest first; one whose payload is here already is not kept twice.
        """
        with self._database.writing() as session:
            return add_answers(session, answers)

    def _sweep_thumbnails(self, video_id: str) -> None:
        """Delete the thumbnails that a video has no more, while nobody else may write new ones."""
        with suppress(LibraryError), self._database.writing() as session:
            kept = set(catalogue.thumbnail_names(session, video_id).values())
            self._thumbnails.drop_orphans(video_id, kept)
