"""Mending what a look found, in a database that can be trusted."""

from collections.abc import Callable, Collection, Iterable, Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from store import publishing
from store.check_report import CheckReport, LostVideo, ProblemKind
from store.checking import named_thumbnails
from store.database import Database
from store.layout import Layout, LibrarySettings
from store.opening import open_vector_index
from store.proving import doubt, known_videos, read_video
from store.stray_files import CHANGED, FOREIGN, MISSING, picture_problem, stray_files
from store.stray_files import delete as delete_files
from store.tables import ClipRow, StageRunRow, Table, VideoRow
from store.thumbnails import ThumbnailFolder


class Mending:
    """Mends what a report names, in a database that can be trusted.

    Args:
        layout: Of the library.
        settings: Of the library.
        database: Its catalogue.
        report: What was found.
        lost: Videos that a salvage could not save.
    """

    def __init__(
        self,
        layout: Layout,
        settings: LibrarySettings,
        database: Database,
        report: CheckReport,
        lost: Sequence[LostVideo],
    ) -> None:
        self.done: list[str] = []
        self.lost: list[LostVideo] = []
        self._layout = layout
        self._database = database
        self._report = report
        self._lost_before = tuple(lost)
        self._broken: list[str] = []
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
        if self._broken:
            self.done.append("gave up pictures that are gone; the next `index` makes them again")
        if self._report.has(ProblemKind.DIGEST):
            self.done.append("wrote digests of videos that had none")
        self._write(self._delete_files)
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
        self._broken = self._broken_pictures(session)
        for name in self._broken:
            statement = update(ClipRow).where(ClipRow.thumbnail == name)
            session.execute(statement.values(thumbnail=None))
        _forget_stages(session, self._broken)
        lost = {video.video_id for video in self.lost}
        changed = self._report.of(ProblemKind.DIGEST, ProblemKind.THUMBNAIL)
        _write_digests(session, {found.video_id for found in changed if found.video_id} - lost)

    def _broken_pictures(self, session: Session) -> list[str]:
        """Find pictures that are provably not there; one that cannot be read now may be later.

        Where all of them are missing the folder is away, not each picture, and nothing is given up.
        """
        broken = {found.about for found in self._report.of(ProblemKind.THUMBNAIL)}
        folder = self._layout.thumbnails
        if not any(folder.glob("*/*.jpg")):
            return []
        return [
            name
            for name, _ in named_thumbnails(session)
            if str(folder / name) in broken
            and picture_problem(folder, name) in (MISSING, CHANGED, FOREIGN)
        ]

    def _delete_files(self, session: Session) -> None:
        """Delete what nothing names, while nobody may publish and name it."""
        named = {name for name, _ in named_thumbnails(session)}
        thumbnails = ThumbnailFolder(self._layout.thumbnails)
        broken = [thumbnails.path(name) for name in self._broken if name not in named]
        delete_files([*stray_files(self._layout, named), *filter(None, broken)])
        for video in (*self._lost_before, *self.lost):
            thumbnails.drop_orphans(video.video_id, named)
        if self._report.has(ProblemKind.STRAY_FILE):
            self.done.append("deleted files that belong to nothing")

    def _make_vectors(self) -> None:
        if self._report.has(ProblemKind.VECTORS):
            self._vectors.forget()
            self.done.append("made the vector files anew")
        self._vectors.compact(self._database.reading, _go_on, is_forced=True)
        self._vectors.close()


def _delete_ownerless(session: Session) -> None:
    for table in Table.metadata.sorted_tables:  # owners before what they own
        for key in table.foreign_keys:
            is_owned = exists().where(key.column == key.parent)
            session.execute(delete(table).where(key.parent.is_not(None), ~is_owned))


def _forget_stages(session: Session, broken: Collection[str]) -> None:
    """Let the videos of some pictures count as not indexed, so that the next run makes them."""
    videos = {name.partition("/")[0] for name in broken}
    of_videos = select(VideoRow.id).where(VideoRow.video_id.in_(videos))
    session.execute(delete(StageRunRow).where(StageRunRow.video.in_(of_videos)))


def _write_digests(session: Session, video_ids: Iterable[str]) -> None:
    for video_id in sorted(video_ids):
        digest = read_video(session, video_id).digest
        changed = update(VideoRow).where(VideoRow.video_id == video_id)
        session.execute(changed.values(content_digest=digest))


def _go_on(_done: int, _total: int) -> None:
    return
