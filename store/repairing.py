"""Mending a library: what is an index is made anew, what cannot be proven is taken out and named.

Nothing is lost silently: each video that is not in the library afterwards is in the report, and a
database that could not be trusted is kept beside.
"""

from pathlib import Path

from store.check_report import (
    CheckReport,
    LostVideo,
    OnVideo,
    ProblemKind,
    RepairReport,
)
from store.checking import check_library
from store.database import BUSY_TIMEOUT_SECONDS
from store.errors import LibraryDamagedError
from store.layout import Layout, LibrarySettings
from store.mending import Mending
from store.opening import open_database
from store.salvaging import Salvaged, salvage


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
        if not before.problems:
            return RepairReport(before, (), (), (), None, before)
        settings = self._layout.require()
        self._layout.prepare(settings)  # folders that somebody deleted
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
            after=self._check(),
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
            mending = Mending(self._layout, settings, database, report, self._lost)
            try:
                if report.counts is not None:
                    mending.mend()
            finally:
                self._done += mending.done
                self._lost += mending.lost


def _tell_nobody(_done: int, _total: int) -> None:
    return
