"""Looking at a library: is all that was published there, and does all that is there belong?

Nothing is changed. A database too broken for a question to be asked of it is a problem that is
reported, not an error; what stops the look altogether (no library, a server that is away) is one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from store.check_report import (
    CheckReport,
    Counts,
    OnVideo,
    Problem,
    ProblemKind,
    VideoCounts,
    problem,
)
from store.database import BUSY_TIMEOUT_SECONDS, Database
from store.errors import LibraryDamagedError
from store.interfaces import VectorIndex
from store.layout import Layout, LibrarySettings
from store.opening import open_database, open_vector_index
from store.proving import KnownVideo, doubt, explained, known_videos
from store.schema import require_current
from store.stray_files import disk_use, picture_problem, stray_files
from store.tables import (
    CatalogueState,
    ClipRow,
    EmbeddingRow,
    EvidenceRow,
    SpaceRow,
    Table,
    VideoRow,
)


def check_library(
    root: Path,
    *,
    on_video: OnVideo | None = None,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
) -> CheckReport:
    """Look at the library in a directory, even at one that cannot be opened.

    Args:
        root: Its directory.
        on_video: Told how many videos are done.
        busy_timeout_seconds: How long to wait for a process that writes.

    Raises:
        LibraryNotFoundError: There is none at ``root``.
        LibraryNewerError: A newer cinedex wrote it.
        LibraryDamagedError: Its settings are unreadable, or its catalogue is not there at all.
        LibraryLockedError: Another process keeps writing.
        LibraryConnectionError: The server that holds its catalogue cannot be reached.
    """
    layout = Layout(root)
    settings = layout.require()
    with open_database(layout, settings, busy_timeout_seconds) as database:
        return _Look(layout, settings, database, on_video or _tell_nobody).report()


def ownerless_rows(session: Session) -> Iterator[tuple[str, str, int]]:
    """Count rows whose owner is gone: table, what the owner was, how many."""
    for table in Table.metadata.sorted_tables:
        for key in table.foreign_keys:
            is_owned = exists().where(key.column == key.parent)
            count = select(func.count()).where(key.parent.is_not(None), ~is_owned)
            if num_rows := session.scalar(count.select_from(table)):
                yield table.name, key.column.table.name, num_rows


def named_thumbnails(session: Session) -> list[tuple[str, str]]:
    """List the pictures that clips name, with the id of their video."""
    statement = (
        select(ClipRow.thumbnail, VideoRow.video_id)
        .join(VideoRow, VideoRow.id == ClipRow.video)
        .where(ClipRow.thumbnail.is_not(None))
        .order_by(ClipRow.id)
    )
    return [(str(name), video_id) for name, video_id in session.execute(statement)]


class _Look:
    """One look at one library; what is found gathers in ``problems``."""

    def __init__(
        self, layout: Layout, settings: LibrarySettings, database: Database, on_video: OnVideo
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._database = database
        self._on_video = on_video
        self._problems: list[Problem] = []

    def report(self) -> CheckReport:
        """Look at everything."""
        try:
            require_current(self._database)
        except LibraryDamagedError as error:
            self._add_broken(error)
            return self._reported(None, [])
        vectors = open_vector_index(self._layout, self._settings, self._database, None)
        self._ask(lambda session: self._problems.extend(self._broken(session)))
        self._ask(self._look_at_rows)
        self._ask(self._look_at_text, writes=True)
        self._ask(lambda session: self._look_at_vectors(session, vectors))
        known: list[KnownVideo] = []
        self._ask(lambda session: known.extend(known_videos(session)))
        self._look_at_videos(known)
        self._ask(self._look_at_spaces)
        names: list[tuple[str, str]] = []
        if self._ask(lambda session: names.extend(named_thumbnails(session))):
            self._look_at_pictures(names)
        self._look_at_files({name for name, _ in names} if names or self._is_sound() else None)
        counts: list[Counts] = []
        videos: list[VideoCounts] = []
        self._ask(lambda session: counts.append(_counts(session, self._layout.root)))
        self._ask(lambda session: videos.extend(_video_counts(session, known)))
        return self._reported(counts[0] if counts else None, videos)

    def _reported(self, counts: Counts | None, videos: list[VideoCounts]) -> CheckReport:
        found = tuple(dict.fromkeys(self._problems))
        by_title = sorted(videos, key=lambda video: (video.title.casefold(), video.video_id))
        return CheckReport(self._layout.root, found, counts, tuple(by_title))

    def _ask(self, look: Callable[[Session], object], *, writes: bool = False) -> bool:
        """Look in one transaction; say whether the database could answer."""
        transaction = self._database.writing if writes else self._database.reading
        try:
            with transaction() as session:
                look(session)
        except LibraryDamagedError as error:
            self._add_broken(error)
            return False
        return True

    def _is_sound(self) -> bool:
        return all(found.kind is not ProblemKind.DATABASE for found in self._problems)

    def _add_broken(self, error: Exception) -> None:
        self._problems.append(self._database_problem(explained(error)))

    def _broken(self, session: Session) -> Iterator[Problem]:
        for found in self._database.backend.damage(session):
            for line in found.splitlines():
                yield self._database_problem(line)

    def _database_problem(self, found: str) -> Problem:
        if self._settings.catalogue is None:
            return problem(ProblemKind.DATABASE, self._database.place, found)
        remedy = "restore the database from a backup"
        return Problem(ProblemKind.DATABASE, self._database.place, found, remedy, False)

    def _look_at_rows(self, session: Session) -> None:
        for table, owner, num_rows in ownerless_rows(session):
            found = f"{num_rows} rows have no {owner}"
            self._problems.append(problem(ProblemKind.OWNERLESS, f"table {table}", found))

    def _look_at_text(self, session: Session) -> None:
        for found in self._database.text_index.problems(session):
            self._problems.append(problem(ProblemKind.FULL_TEXT, self._database.place, found))

    def _look_at_vectors(self, session: Session, vectors: VectorIndex) -> None:
        for found in vectors.problems(session):
            self._problems.append(problem(ProblemKind.VECTORS, self._layout.vectors, found))

    def _look_at_videos(self, known: list[KnownVideo]) -> None:
        for done, video in enumerate(known):
            self._on_video(done, len(known))
            if found := self._video_problem(video):
                self._problems.append(found)
        self._on_video(len(known), len(known))

    def _video_problem(self, video: KnownVideo) -> Problem | None:
        if found := doubt(self._database, video):
            return problem(ProblemKind.VIDEO, video.name, found, video.video_id)
        if video.digest is None:
            found = "was indexed by cinedex 0.1 and has no digest"
            return problem(ProblemKind.DIGEST, video.name, found, video.video_id)
        return None

    def _look_at_spaces(self, session: Session) -> None:
        is_used = exists().where(EmbeddingRow.space == SpaceRow.id)
        for space_id in session.scalars(select(SpaceRow.space_id).where(~is_used)):
            self._problems.append(problem(ProblemKind.SPACE, space_id, "holds no vectors"))

    def _look_at_pictures(self, names: list[tuple[str, str]]) -> None:
        folder = self._layout.thumbnails
        broken = {
            (name, video_id): found
            for name, video_id in names
            if (found := picture_problem(folder, name))
        }
        if not broken:
            return
        still: list[tuple[str, str]] = []  # for a video may have been removed meanwhile
        self._ask(lambda session: still.extend(named_thumbnails(session)))
        for name, video_id in still:
            if found := broken.get((name, video_id)):
                about = folder / name
                self._problems.append(problem(ProblemKind.THUMBNAIL, about, found, video_id))

    def _look_at_files(self, named: set[str] | None) -> None:
        for file in stray_files(self._layout, named):
            self._problems.append(problem(ProblemKind.STRAY_FILE, file, "belongs to nothing"))


def _counts(session: Session, root: Path) -> Counts:
    per_space = session.execute(
        select(SpaceRow.space_id, func.count(EmbeddingRow.id))
        .outerjoin(EmbeddingRow, EmbeddingRow.space == SpaceRow.id)
        .group_by(SpaceRow.space_id)
        .order_by(SpaceRow.space_id)
    )
    num_files, num_bytes = disk_use(root)
    return Counts(
        num_videos=session.scalar(select(func.count(VideoRow.id))) or 0,
        num_clips=session.scalar(select(func.count(ClipRow.id))) or 0,
        num_evidence=session.scalar(select(func.count(EvidenceRow.id))) or 0,
        num_vectors={space_id: count for space_id, count in per_space},
        generation=session.scalar(select(CatalogueState.generation)) or 0,
        num_files=num_files,
        num_bytes=num_bytes,
    )


def _video_counts(session: Session, known: list[KnownVideo]) -> Iterator[VideoCounts]:
    clips, evidence, vectors = (
        {video: count for video, count in session.execute(statement.group_by(column))}
        for statement, column in (
            (select(ClipRow.video, func.count()), ClipRow.video),
            (select(EvidenceRow.video, func.count()), EvidenceRow.video),
            (
                select(ClipRow.video, func.count()).join(
                    EmbeddingRow, EmbeddingRow.clip == ClipRow.id
                ),
                ClipRow.video,
            ),
        )
    )
    for video in known:
        numbers = (found.get(video.row, 0) for found in (clips, evidence, vectors))
        yield VideoCounts(video.video_id, video.title, video.path, *numbers)


def _tell_nobody(_done: int, _total: int) -> None:
    return
