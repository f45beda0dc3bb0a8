"""The Python door: ``open_library`` and the library it opens.

Command line and server are thin over it.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cinedex.config import Settings, load_settings
from store import checking, repairing
from store.check_report import CheckReport, OnVideo, RepairReport
from store.library import Library
from store.records import Clip, Evidence, Scope, Video

if TYPE_CHECKING:
    from cinedex.compose import Composition
    from indexer.report import IndexReport, OnEvent
    from reasoner.answer import Answer, Role
    from retriever.moment import Moment


class CinedexLibrary:
    """One library with the models that index, search and question it.

    Models load at first use, so opening is quick. Use it as a context manager, or call ``close``.
    """

    def __init__(self, store: Library, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._composition: Composition | None = None

    @property
    def composition(self) -> "Composition":
        """The models and rooms wired for this library."""
        if self._composition is None:
            from cinedex.compose import Composition

            self._composition = Composition(self.store, self.settings)
        return self._composition

    def index(
        self,
        paths: Sequence[str | Path],
        *,
        recursive: bool = False,
        force: bool = False,
        on_event: "OnEvent | None" = None,
    ) -> "IndexReport":
        """Index files and folders; what is up to date is left alone.

        Args:
            paths: Files are taken as they are, folders are looked through for videos.
            recursive: Look through folders of folders too.
            force: Index again what is up to date.
            on_event: Called with every step of progress.

        Raises:
            LibraryError: The library cannot be written.
            WeightsError: A model is missing.
        """
        return self.composition.indexer().index(
            [Path(path).expanduser() for path in paths],
            recursive=recursive,
            force=force,
            on_event=on_event,
        )

    def search(self, query: str, k: int = 5, scope: Scope | None = None) -> "list[Moment]":
        """Find the ``k`` moments that fit a query best, best first."""
        return self.composition.retriever().search(query, k=k, scope=scope or Scope())

    def ask(
        self,
        question: str,
        scope: Scope | None = None,
        roles: "Sequence[Role] | None" = None,
    ) -> "Answer":
        """Answer a question from the library, or abstain."""
        return self.composition.chain().ask(question, scope=scope or Scope(), roles=roles)

    def videos(self) -> list[Video]:
        """List the videos by title."""
        return self.store.videos()

    def show(self, name: str) -> tuple[Video, list[Clip], list[Evidence]]:
        """Return one video with its clips and evidence in time order.

        Args:
            name: Id, the beginning of an id, path, or title.
        """
        video = self.store.video(name)
        return video, self.store.clips(video.video_id), self.store.evidence(video.video_id)

    def remove(self, name: str) -> Video:
        """Take a video out of the library; the media file is left alone."""
        video = self.store.video(name)
        self.store.remove(video.video_id)
        return video

    def close(self) -> None:
        """Close the library."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_library(
    path: str | Path | None = None, *, settings: Settings | None = None, create: bool = False
) -> CinedexLibrary:
    """Open a library.

    Args:
        path: Its directory; ``None`` takes the one that the settings name.
        settings: ``None`` reads them from files and the environment.
        create: Make the library where there is none.

    Raises:
        LibraryNotFoundError: There is no library and ``create`` is false.
    """
    settings = settings or load_settings()
    root = _root(path, settings)
    return CinedexLibrary(Library.create(root) if create else Library.open(root), settings)


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
    return checking.check_library(_root(path, settings or load_settings()), on_video=on_video)


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
    return repairing.repair_library(_root(path, settings or load_settings()), on_video=on_video)


def _root(path: str | Path | None, settings: Settings) -> Path:
    return Path(path).expanduser() if path is not None else settings.library
