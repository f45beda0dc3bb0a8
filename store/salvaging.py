"""A new catalogue out of what can be read of a damaged SQLite file.

    catalogue.sqlite  --copied-->  catalogue.sqlite.damaged-1
                                       | rows, by no index
                                   staged rows (in memory of nobody, in a file beside)
                                       | videos whose digest is right
                                   a new catalogue  --renamed-->  catalogue.sqlite

A video is saved whole or not at all. One that cinedex 0.1 published has no digest; it is saved
where no row of any table was lost.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from sqlalchemy import URL, create_engine, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from store import publishing
from store.backends import sqlite_file, sqlite_rescue
from store.backends.sqlite import SqliteBackend
from store.check_report import LostVideo, OnVideo
from store.database import Database
from store.layout import Layout
from store.proving import UNREADABLE, KnownVideo, VideoReading, explained, known_videos, read_video
from store.schema import migrate
from store.tables import AnswerRow, CatalogueState, JudgementRow, Table
from store.vector_indexes.files import VectorFiles

# What a video is made of; where one of these is not to be found, nothing can be read.
_OF_VIDEOS = frozenset(("video", "stage_run", "clip", "evidence", "space", "embedding"))
ROWS_PER_INSERT = 1000


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


@dataclass(slots=True)
class _Staged:
    """What was read out of the damaged file.

    Attributes:
        incomplete: Tables of which rows were lost.
        video_ids: Of all videos that were heard of.
    """

    incomplete: set[str] = field(default_factory=set)
    video_ids: set[str] = field(default_factory=set)


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
                staged = _stage(kept, fresh, staging, layout)
                salvaged = _Saving(layout, database, staged, kept).run(staging, on_video)
                database.reclaim()
            sqlite_file.put_in_place(fresh, path)
        except BaseException:
            sqlite_file.drop(kept)
            raise
    return salvaged


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Name a database beside another; it is gone after the block, where it was not renamed."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    beside.touch(0o600)
    try:
        yield beside
    finally:
        sqlite_file.drop(beside)


def _stage(damaged: Path, fresh: Path, staging: Path, layout: Layout) -> _Staged:
    """Copy every row that can be read into a whole database without rules."""
    staged = _Staged()
    with closing(sqlite3.connect(staging)) as to:
        _make_tables(staging)
        to.execute("PRAGMA synchronous = OFF")  # it does not outlive this process
        with _source(damaged, fresh, staging) as source:
            for table in Table.metadata.sorted_tables:
                if source is None:
                    staged.incomplete.add(table.name)
                else:
                    _copy_table(source, to, table.name, staged.incomplete)
            if source is not None:
                staged.video_ids.update(sqlite_rescue.video_ids_by_index(source))
        staged.video_ids.update(str(found) for (found,) in to.execute("SELECT video_id FROM video"))
    if "video" in staged.incomplete:  # every video with pictures has a folder of its id
        folders = (folder for folder in layout.thumbnails.iterdir() if folder.is_dir())
        staged.video_ids.update(folder.name for folder in folders)
    return staged


def _make_tables(staging: Path) -> None:
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(staging)))
    Table.metadata.create_all(engine)
    engine.dispose()


@contextmanager
def _source(damaged: Path, fresh: Path, staging: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the damaged file, or a copy with a new beginning; ``None`` where neither can be read."""
    grafted = staging.with_name(staging.name + ".grafted")
    source = sqlite_rescue.open_damaged(damaged, _OF_VIDEOS)
    try:
        if source is None:
            with suppress(FileNotFoundError):
                shutil.copyfile(
                    sqlite_file.with_suffix(damaged, "-wal"),
                    sqlite_file.with_suffix(grafted, "-wal"),
                )
            shutil.copyfile(damaged, grafted)
            sqlite_rescue.graft_schema(grafted, fresh)
            source = sqlite_rescue.open_damaged(grafted, _OF_VIDEOS)
        yield source
    finally:
        if source is not None:
            source.close()
        sqlite_file.drop(grafted)
        sqlite_file.with_suffix(damaged, "-shm").unlink(missing_ok=True)


def _copy_table(
    source: sqlite3.Connection, to: sqlite3.Connection, table: str, incomplete: set[str]
) -> None:
    there = sqlite_rescue.columns_of(source, table)
    # A publication's number is given anew; a damaged one might stand twice.
    columns = tuple(
        column.name
        for column in Table.metadata.tables[table].columns
        if column.name in there and column.name != "publication"
    )
    if not columns:
        incomplete.add(table)
        return
    into, values = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    if table == "video":
        into, values = f"{into}, publication", f"{values}, ?1"
    statement = f'INSERT OR IGNORE INTO "{table}" ({into}) VALUES ({values})'
    unread: list[str] = []
    read = 0
    before = to.total_changes
    with to:
        for row in sqlite_rescue.rows(source, table, columns, unread):
            to.execute(statement, row)
            read += 1
    if unread or to.total_changes - before != read:
        incomplete.add(table)


class _Saving:
    """Moves what is proven from staged rows into a new catalogue."""

    def __init__(self, layout: Layout, database: Database, staged: _Staged, kept: Path) -> None:
        self._database = database
        self._indexes = publishing.Indexes(database.text_index, VectorFiles(layout.vectors))
        self._staged = staged
        self._kept = kept
        self._lost: list[LostVideo] = []

    def run(self, staging: Path, on_video: OnVideo) -> Salvaged:
        """Save every video that is proven, and the answers."""
        engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(staging)), poolclass=NullPool
        )
        saved = 0
        with Session(engine) as session:
            known = known_videos(session)
            for done, video in enumerate(known):
                on_video(done, len(known))
                saved += self._save(session, video)
            on_video(len(known), len(known))
            self._save_generation(session)
        engine.dispose()
        unread = list(self._save_answers(staging))
        for video_id in sorted(self._staged.video_ids - {video.video_id for video in known}):
            self._lost.append(LostVideo(video_id, "", "", "its name and place cannot be read"))
        if "video" in self._staged.incomplete:
            unread.append("some rows that name videos; one without pictures may be lost unnamed")
        return Salvaged(saved, tuple(self._lost), tuple(unread), self._kept)

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
        if self._staged.incomplete & _OF_VIDEOS:
            return "cinedex 0.1 kept no digest of it, and parts may be lost"
        return None

    def _lose(self, video: KnownVideo, reason: str) -> None:
        self._lost.append(LostVideo(video.video_id, video.path, video.title, reason))

    def _save_generation(self, session: Session) -> None:
        """Go on counting where the damaged catalogue was."""
        generation = session.scalar(select(CatalogueState.generation))
        if isinstance(generation, int):
            with self._database.writing() as to:
                to.execute(update(CatalogueState).values(generation=generation + 1))

    def _save_answers(self, staging: Path) -> Iterator[str]:
        """Copy answers and the marks on them, and say what could not be read."""
        answers, judgements, broken = [], [], 0
        with closing(sqlite3.connect(staging)) as source:
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
        if broken or self._staged.incomplete & {"answer", "judgement"}:
            yield "some saved answers or marks on them"
