"""The Python door to a library that may be damaged, and so may not open."""

from pathlib import Path

from cinedex.config import Settings, library_root
from store import checking, repairing
from store.check_report import CheckReport, OnVideo, RepairReport


def check_library(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    on_video: OnVideo | None = None,
) -> CheckReport:
    """Look whether a library is whole, even one that cannot be opened.

    Args:
        path: Its directory; ``None`` takes the one that the settings name.
        settings: ``None`` reads them from files and the environment.
        on_video: Told how many videos of how many are done.
    """
    return checking.check_library(library_root(path, settings), on_video=on_video)


def repair_library(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    on_video: OnVideo | None = None,
) -> RepairReport:
    """Mend a library that nobody has open; what cannot be saved is named in the report.

    Args:
        path: Its directory; ``None`` takes the one that the settings name.
        settings: ``None`` reads them from files and the environment.
        on_video: Told how many videos of how many are done, in each pass over them.

    Raises:
        LibraryLockedError: Another process has it open.
    """
    return repairing.repair_library(library_root(path, settings), on_video=on_video)
