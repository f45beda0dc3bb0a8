"""The Python door: ``open_library`` and the library it opens.

Command line and server are thin over it.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cinedex.config import Settings, library_root, load_settings
from store.interfaces import OnRows
from store.library import Library
from store.records import Clip, Evidence, Scope, Summary, Video

if TYPE_CHECKING:
    from cinedex.compose import Composition
    from indexer.pipeline import VideoPlan
    from indexer.report import IndexReport, OnEvent
    from reasoner.answer import Answer, Role
    from retriever.moment import Moment
    from retriever.search_plan import SearchPlan
    from store.archive import Manifest, OnVideos
    from store.merging import MergeReport
    from store.relocating import MovedPath


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
        force: Collection[str] = (),
        jobs: int = 1,
        ray: str | None = None,
        on_event: "OnEvent | None" = None,
    ) -> "IndexReport":
        """Index files and folders; what is up to date is left alone.

        Args:
            paths: Files are taken as they are, folders are looked through for videos.
            recursive: Look through folders of folders too.
            force: Stages to run again though they have finished, and with them all that use their
                results; ``all`` for every stage.
            jobs: Processes of this machine that index at once; a script that asks for several does
                so under ``if __name__ == "__main__":``.
            ray: Address of a Ray cluster that indexes instead, over a catalogue in PostgreSQL;
                paths must then be the same on every node, or URLs.
            on_event: Called with every step of progress.

        Raises:
            ValueError: ``jobs`` is less than 1.
            LibraryError: The library cannot be written.
            WeightsError: A model is missing.
            ConfigError: The library is none that a cluster can share, or Ray is not installed.
            ClusterError: The cluster cannot be reached, or no worker runs on it.
        """
        from cinedex.workers import in_processes, on_cluster

        if jobs < 1:
            raise ValueError(f"jobs cannot be {jobs}; ask for 1 or more")
        if ray is not None:
            with on_cluster(self.composition, self.store, self.settings, ray) as cluster:
                return cluster.index(paths, recursive=recursive, force=force, on_event=on_event)
        indexer = (
            self.composition.indexer()
            if jobs == 1
            else in_processes(self.store.root, self.settings, jobs)
        )
        return indexer.index(
            [Path(path).expanduser() for path in paths],
            recursive=recursive,
            force=force,
            on_event=on_event,
        )

    def plan_index(
        self,
        paths: Sequence[str | Path],
        *,
        recursive: bool = False,
        force: Collection[str] = (),
    ) -> "Iterator[VideoPlan]":
        """Say what ``index`` would run, and why; nothing is changed."""
        return self.composition.indexer().plan(
            [Path(path).expanduser() for path in paths], recursive=recursive, force=force
        )

    def plan_search(self, query: str, scope: Scope | None = None) -> "SearchPlan":
        """Read a query in the query language (``docs/SEARCH.md``); no model is loaded.

        Raises:
            QuerySyntaxError: A filter or a mark cannot be read.
        """
        from retriever.search_plan import plan_search

        return plan_search(query, scope or Scope(), self.store.video)

    def search(self, query: str, k: int = 5, scope: Scope | None = None) -> "list[Moment]":
        """Find the ``k`` moments that fit a query best, best first.

        The query's filters narrow the scope; where both contradict, ``plan_search`` says how.
        """
        plan = self.plan_search(query, scope)
        if plan.emptied_by:
            return []
        return self.composition.retriever().search(plan.text, k=k, scope=plan.scope)

    def ask(
        self,
        question: str,
        scope: Scope | None = None,
        roles: "Sequence[Role] | None" = None,
        choices: Sequence[str] = (),
    ) -> "Answer":
        """Answer a question from the library, or abstain.

        Args:
            question: In words.
            scope: Which part of the library may be looked at; ``None`` for all of it.
            roles: Which roles may run; ``None`` for those that the plan names.
            choices: Answers to choose among, at least two; none for an answer in words.

        Raises:
            QueryError: The question or the choices cannot be asked.
        """
        chain = self.composition.chain()
        return chain.ask(question, scope=scope or Scope(), roles=roles, choices=choices)

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

    def summaries(self, name: str) -> list[Summary]:
        """Return what stands for a video, then for each of its scenes; empty before it was built.

        Args:
            name: Id, the beginning of an id, path, or title.
        """
        return self.store.summaries(self.store.video(name).video_id)

    def remove(self, name: str) -> Video:
        """Take a video out of the library; the media file is left alone."""
        video = self.store.video(name)
        self.store.remove(video.video_id)
        return video

    def export_library(
        self,
        path: str | Path,
        *,
        videos: Sequence[str] | None = None,
        overwrite: bool = False,
        on_videos: "OnVideos | None" = None,
    ) -> "Manifest":
        """Write the library into one file that any machine can import.

        Args:
            path: Of the file.
            videos: Ids, beginnings of ids, paths or titles of what is exported, without the
                answers; ``None`` exports everything.
            overwrite: Replace a file that is there.
            on_videos: Told how many videos of how many are done.

        Raises:
            ArchiveError: The archive cannot be written there.
            UnknownNameError: One of the videos is not in the library.
        """
        from cinedex import __version__
        from store.exporting import export_library

        return export_library(
            self.store,
            Path(path).expanduser(),
            made_by=f"cinedex {__version__}",
            video_ids=None if videos is None else [self.store.video(v).video_id for v in videos],
            overwrites=overwrite,
            on_videos=on_videos,
        )

    def import_library(
        self,
        path: str | Path,
        *,
        replace: bool = False,
        map_paths: Sequence[str] = (),
        on_videos: "OnVideos | None" = None,
    ) -> "MergeReport":
        """Put what an archive holds into the library.

        Args:
            path: Of a file that ``export_library`` wrote.
            replace: Take the archive's index of a video where it differs from ours.
            map_paths: ``OLD=NEW`` for folders that lie elsewhere here.
            on_videos: Told how many videos of how many are done.

        Raises:
            ArchiveError: It is no archive, or none that is whole and honest.
        """
        from store.archive_file import ArchiveFile
        from store.merging import import_archive
        from store.relocating import path_maps

        maps = path_maps(map_paths)
        with ArchiveFile(Path(path).expanduser()) as archive:
            return import_archive(
                self.store, archive, replaces=replace, maps=maps, on_videos=on_videos
            )

    def relocate(self, map_paths: Sequence[str], *, dry_run: bool = False) -> "list[MovedPath]":
        """Write the paths of videos anew whose folders were moved, all at once.

        Args:
            map_paths: ``OLD=NEW`` for each folder; ``==`` stands for a ``=`` in a path.
            dry_run: Say what would change and change nothing.
        """
        from store.relocating import path_maps

        return self.store.relocate(path_maps(map_paths), is_dry_run=dry_run)

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
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    create: bool = False,
    on_rows: OnRows | None = None,
) -> CinedexLibrary:
    """Open a library.

    Args:
        path: Its directory; ``None`` takes the one that the settings name.
        settings: ``None`` reads them from files and the environment.
        create: Make the library where there is none.
        on_rows: Told how many of how many vectors were read, where a search must read them from
            the catalogue because their file is missing or damaged.

    Raises:
        LibraryNotFoundError: There is no library and ``create`` is false.
    """
    settings = settings or load_settings()
    opener = Library.create if create else Library.open
    return CinedexLibrary(opener(library_root(path, settings), on_rows=on_rows), settings)
