"""A new catalogue out of what can be read of a damaged SQLite file.

    catalogue.sqlite  --copied-->  catalogue.sqlite.damaged-1
                                       | every row that can be read
                                   a file beside
                                       | videos whose digest is right
                                   a new catalogue  --renamed-->  catalogue.sqlite

A video is saved whole or not at all. One that cinedex 0.1 published has no digest; it is saved
where no row of any table was lost.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import URL, create_engine, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from store import publishing
from store.backends import sqlite_file
from store.backends.sqlite import SqliteBackend
from store.backends.sqlite_rescue import rescue
from store.check_report import LostVideo, OnVideo
from store.database import Database
from store.layout import Layout
from store.marks import add_marks
from store.proving import UNREADABLE, KnownVideo, VideoReading, explained, known_videos, read_video
from store.rows import mark_record
from store.schema import migrate
from store.tables import AnswerRow, CatalogueState, JudgementRow, MarkRow
from store.vector_indexes.files import VectorFiles

# What a video is made of.
_OF_VIDEOS = frozenset(("video", "stage_run", "clip", "evidence", "space", "embedding"))


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged catalogue.

    Attributes:
        lost: Videos that were in it and could not be saved.
        unread: What else could not be read.
        damaged_copy: Where it is kept as it was.
    """

    num_saved: int
    lost: tuple[LostVideo, ...]
    unread: tuple[str, ...]
    damaged_copy: Path


def salvage(layout: Layout, on_video: OnVideo, busy_timeout_seconds: float) -> Salvaged:
    """Put a catalogue of what can be saved in the place of a damaged one, which is kept.

    Raises:
        LibraryLockedError: Another process has the catalogue open.
        LibraryFullError: No space left for the copy and the new one; nothing has changed then.
    """
    path = layout.catalogue
    with (
        sqlite_file.alone(path, busy_timeout_seconds) as file,
        _scratch(path) as fresh,
        _scratch(path) as staging,
    ):
        kept = sqlite_file.keep_damaged(file, path)
        try:
            with Database(SqliteBackend(fresh)) as database:
                database.prepare()
                migrate(database)
                database.reclaim()
                missing, remembered = rescue(kept, fresh, staging)
                saving = _Saving(layout, database, missing)
                saving.save_videos(staging, remembered, on_video)
                saving.save_answers(staging)
                saving.save_marks(staging)
                database.reclaim()
            sqlite_file.put_in_place(fresh, path)
        except (sqlite3.Error, DBAPIError) as error:  # of the file beside; the disk is full
            sqlite_file.drop(kept)
            raise SqliteBackend(path).named(getattr(error, "orig", error)) from error
        except BaseException:
            sqlite_file.drop(kept)
            raise
    return Salvaged(saving.num_saved, tuple(saving.lost), tuple(saving.unread), kept)


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Name a database beside another; it is gone after the block, where it was not renamed."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    beside.touch(0o600)
    try:
        yield beside
    finally:
        sqlite_file.drop(beside)


class _Saving:
    """Moves what is proven from rescued rows into a new catalogue.

    Args:
        layout: Of the library.
        database: The new catalogue.
        missing: Tables of which rows may be missing.
    """

    def __init__(self, layout: Layout, database: Database, missing: set[str]) -> None:
        self.num_saved = 0
        self.lost: list[LostVideo] = []
        self.unread: list[str] = []
        self._folder = layout.thumbnails
        self._database = database
        vectors = VectorFiles(layout.vectors, database.text_index)
        self._indexes = publishing.Indexes(database.text_index, vectors)
        self._missing = missing

    def save_videos(self, rescued: Path, remembered: set[str], on_video: OnVideo) -> None:
        """Save every video that is proven, and name the others.

        Args:
            rescued: The rows.
            remembered: Ids of videos, with and without rows.
            on_video: Told how many are done.
        """
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(rescued)), poolclass=NullPool
        )
        with Session(engine) as session:
            known = known_videos(session)
            for done, video in enumerate(known):
                on_video(done, len(known))
                self.num_saved += self._save(session, video)
            on_video(len(known), len(known))
            self._save_generation(session)
        engine.dispose()
        if "video" in self._missing:
            # Every video with pictures has a folder of its id.
            remembered = remembered | {file.name for file in self._folder.iterdir()}
            self.unread.append(
                "the names of all videos; one that is not listed may have been there, too"
            )
        for video_id in sorted(remembered - {video.video_id for video in known}):
            self.lost.append(LostVideo(video_id, "", "", "its name and place cannot be read"))

    def _save(self, session: Session, video: KnownVideo) -> bool:
        try:
            reading = read_video(session, video.video_id)
            if reason := self._doubt(video, reading):
                self._lose(video, reason)
                return False
            publishing.require_consistent(reading.whole)
            with self._database.writing() as to:
                publishing.publish(to, reading.whole, reading.thumbnails, self._indexes)
        except UNREADABLE as error:
            self._lose(video, explained(error))
            return False
        finally:
            session.expunge_all()
        return True

    def _doubt(self, video: KnownVideo, reading: VideoReading) -> str | None:
        if video.digest is not None:
            return None if reading.digest == video.digest else "parts of it are lost or changed"
        if self._missing & _OF_VIDEOS:
            return "cinedex 0.1 kept no digest of it, and parts may be lost"
        return None

    def _lose(self, video: KnownVideo, reason: str) -> None:
        self.lost.append(LostVideo(video.video_id, video.path, video.title, reason))

    def _save_generation(self, session: Session) -> None:
        """Go on counting where the damaged catalogue was."""
        generation = session.scalar(select(CatalogueState.generation))
        if isinstance(generation, int):
            with self._database.writing() as to:
                to.execute(update(CatalogueState).values(generation=generation + 1))

    def save_answers(self, rescued: Path) -> None:
        """Copy answers and the marks on them."""
        answers, judgements, broken = [], [], 0
        with closing(sqlite3.connect(rescued)) as source:
            for row, payload in source.execute("SELECT id, payload FROM answer"):
                try:
                    answers.append({"id": row, "payload": json.loads(payload)})
                except UNREADABLE:
                    broken += 1
            kept = {answer["id"] for answer in answers}
            for row, answer, is_right, note in source.execute(
                "SELECT id, answer, is_right, note FROM judgement"
            ):
                if answer in kept:
                    mark = {"answer": answer, "is_right": bool(is_right), "note": note}
                    judgements.append({"id": row, **mark})
                else:
                    broken += 1
        with self._database.writing() as to:
            if answers:
                to.execute(insert(AnswerRow), answers)
            if judgements:
                to.execute(insert(JudgementRow), judgements)
        if broken or self._missing & {"answer", "judgement"}:
            self.unread.append("some saved answers or marks on them")

    def save_marks(self, rescued: Path) -> None:
        """Copy marks of searches, each that says what a mark can."""
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(rescued)), poolclass=NullPool
        )
        marks, broken = {}, 0
        with Session(engine) as session:
            for row in session.scalars(select(MarkRow.id)).all():
                try:
                    mark = mark_record(session.get_one(MarkRow, row))
                except UNREADABLE:
                    broken += 1
                else:
                    marks[mark.subject] = mark
        engine.dispose()
        with self._database.writing() as to:
            add_marks(to, marks.values())
        if broken or "mark" in self._missing:
            self.unread.append("some marks of what searches found")
