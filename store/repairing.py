"""Mending a library: what is an index is made anew, what cannot be proven is taken out and named.

Nothing is lost silently: each video that is not in the library afterwards is in the report, and a
database that could not be trusted is kept beside.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session

from store import publishing
from store.check_report import (
    CheckReport,
    LostVideo,
    OnVideo,
    ProblemKind,
    RepairReport,
)
from store.checking import check_library, named_thumbnails
from store.database import BUSY_TIMEOUT_SECONDS, Database
from store.errors import LibraryDamagedError
from store.layout import Layout, LibrarySettings
from store.opening import open_database, open_vector_index
from store.proving import doubt, known_videos, read_video
from store.salvaging import Salvaged, salvage
from store.stray_files import delete as delete_files
from store.stray_files import stray_files
from store.tables import ClipRow, Table, VideoRow


def repair_library(
    root: Path,
    *,
    on_video: OnVideo | None = None,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
) -> RepairReport:
    """Mend the library in a directory, even one that cannot be opened.

    A damaged SQLite file is replaced by a new one; no other process, and no other ``Library`` of
    this one, may have the library open then.

    Args:
        root: Its directory.
        on_video: Told how many videos are done, in each pass over them.
        busy_timeout_seconds: How long to wait for other processes.

    Raises:
        LibraryLockedError: Another process writes, or has a damaged catalogue open.
        LibraryFullError: No space left; nothing has changed then.
        LibraryError: As ``store.checking.check_library``.
    """
    return _Repair(root, on_video or _tell_nobody, busy_timeout_seconds).run()


class _Repair:
    """One repair of one library; what it does gathers in ``_done`` and ``_lost``."""

    def __init__(self, root: Path, on_video: OnVideo, busy_timeout_seconds: float) -> None:
        self._layout = Layout(root)
        self._on_video = on_video
        self._busy_timeout_seconds = busy_timeout_seconds
        self._done: list[str] = []
        self._lost: list[LostVideo] = []
        self._salvaged: Salvaged | None = None

    def run(self) -> RepairReport:
        """Look, mend, look again."""
        before = report = self._check()
        settings = self._layout.require()
        is_sqlite = settings.catalogue is None
        if is_sqlite and report.has(ProblemKind.DATABASE):
            report = self._salvage()
        try:
            self._mend(settings, report)
        except LibraryDamagedError:  # what only writing brings to light
            if not is_sqlite or self._salvaged is not None:
                raise
            report = self._salvage()
            self._mend(settings, report)
        salvaged = self._salvaged
        return RepairReport(
            before=before,
            done=tuple(self._done),
            lost=tuple(self._lost),
            unread=salvaged.unread if salvaged else (),
            damaged_copy=salvaged.damaged_copy if salvaged else None,
            after=self._check() if before.problems else before,
        )

    def _check(self) -> CheckReport:
        return check_library(
            self._layout.root,
            on_video=self._on_video,
            busy_timeout_seconds=self._busy_timeout_seconds,
        )

    def _salvage(self) -> CheckReport:
        self._salvaged = salvage(self._layout, self._on_video, self._busy_timeout_seconds)
        self._lost += self._salvaged.lost
        self._done.append(
            f"saved {self._salvaged.num_saved} videos into a new catalogue; the damaged one is "
            f"kept as {self._salvaged.damaged_copy.name}"
        )
        for file in self._layout.vectors.glob("*.vectors"):  # of rows that have other ids now
            file.unlink(missing_ok=True)
        return self._check()

    def _mend(self, settings: LibrarySettings, report: CheckReport) -> None:
        with open_database(self._layout, settings, self._busy_timeout_seconds) as database:
            mending = _Mending(self._layout, settings, database, report)
            try:
                if report.counts is not None:
                    mending.mend()
            finally:
                self._done += mending.done
                self._lost += mending.lost


class _Mending:
    """Mends what a report names, in a database that can be trusted."""

    def __init__(
        self, layout: Layout, settings: LibrarySettings, database: Database, report: CheckReport
    ) -> None:
        self.done: list[str] = []
        self.lost: list[LostVideo] = []
        self._layout = layout
        self._database = database
        self._report = report
        self._vectors = open_vector_index(layout, settings, database, None)
        self._indexes = publishing.Indexes(database.text_index, self._vectors)

    def mend(self) -> None:
        """Mend everything, each thing as one transaction."""
        if self._report.has(ProblemKind.FULL_TEXT):
            # First, for SQLite asks it what it forgets when evidence is deleted.
            self._write(self._database.text_index.rebuild)
            self.done.append("made the full-text index anew")
        self._write(self._take_out_videos)
        if self._report.has(ProblemKind.OWNERLESS):
            self._write(_delete_ownerless)
            self.done.append("deleted rows whose owner is gone")
        if self.lost or self._report.has(ProblemKind.OWNERLESS):
            self._write(self._database.text_index.rebuild)
        if self._report.has(ProblemKind.SPACE):
            self._write(publishing.drop_empty_spaces)
            self.done.append("dropped spaces without vectors")
        self._write(self._forget_pictures)
        if self._report.has(ProblemKind.THUMBNAIL):
            self.done.append("let clips go without pictures that are gone or changed")
        if self._report.has(ProblemKind.DIGEST):
            self.done.append("wrote digests of videos that had none")
        self._delete_files()
        self._make_vectors()
        if self.lost:
            self._database.reclaim()

    def _write(self, work: Callable[[Session], object]) -> None:
        self._database.write(work)

    def _take_out_videos(self, session: Session) -> None:
        doubted = {found.video_id for found in self._report.of(ProblemKind.VIDEO)}
        self.lost = []
        for video in known_videos(session) if doubted else ():
            # Asked again, now that nobody else writes: it may have been indexed anew since.
            if video.video_id in doubted and (reason := doubt(self._database, video)):
                publishing.take_out(session, video.row, self._indexes)
                self.lost.append(LostVideo(video.video_id, video.path, video.title, reason))

    def _forget_pictures(self, session: Session) -> None:
        """Let clips go without pictures that are gone, and digest what is published now."""
        for name in self._broken_pictures(session):
            statement = update(ClipRow).where(ClipRow.thumbnail == name)
            session.execute(statement.values(thumbnail=None))
        lost = {video.video_id for video in self.lost}
        changed = self._report.of(ProblemKind.DIGEST, ProblemKind.THUMBNAIL)
        _write_digests(session, {found.video_id for found in changed if found.video_id} - lost)

    def _broken_pictures(self, session: Session) -> list[str]:
        broken = {found.about for found in self._report.of(ProblemKind.THUMBNAIL)}
        folder = self._layout.thumbnails
        return [name for name, _ in named_thumbnails(session) if str(folder / name) in broken]

    def _delete_files(self) -> None:
        with self._database.reading() as session:
            named = {name for name, _ in named_thumbnails(session)}
        broken = [Path(found.about) for found in self._report.of(ProblemKind.THUMBNAIL)]
        of_lost = [
            file
            for video in self.lost
            for file in (self._layout.thumbnails / video.video_id).glob("*.jpg")
        ]
        stray = [*stray_files(self._layout, named), *broken, *of_lost]
        delete_files([file for file in stray if file.exists()])
        if self._report.has(ProblemKind.STRAY_FILE):
            self.done.append("deleted files that belong to nothing")

    def _make_vectors(self) -> None:
        if not self._report.problems:
            return
        if self._report.has(ProblemKind.VECTORS):
            self._vectors.forget()
            self.done.append("made the vector files anew")
        self._vectors.compact(self._database.reading, _tell_nobody, is_forced=True)
        self._vectors.close()


def _delete_ownerless(session: Session) -> None:
    for table in Table.metadata.sorted_tables:  # owners before what they own
        for key in table.foreign_keys:
            is_owned = exists().where(key.column == key.parent)
            session.execute(delete(table).where(key.parent.is_not(None), ~is_owned))


def _write_digests(session: Session, video_ids: Iterable[str]) -> None:
    for video_id in sorted(video_ids):
        digest = read_video(session, video_id).digest
        changed = update(VideoRow).where(VideoRow.video_id == video_id)
        session.execute(changed.values(content_digest=digest))


def _tell_nobody(_done: int, _total: int) -> None:
    return
