"""The half of the Python door that needs no model: what is kept, what was said of it, archives."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from store.library import Library
from store.mark import Mark, Verdict
from store.records import Clip, Evidence, Scope, Summary, Video
from store.timespan import TimeSpan

if TYPE_CHECKING:
    from cinedex.judging.judged_dataset import JudgedDataset
    from cinedex.judging.judged_query import JudgedQuery
    from retriever.search_plan import SearchPlan
    from store.archive import Manifest, OnVideos
    from store.merging import MergeReport
    from store.relocating import MovedPath


class KeptLibrary:
    """What ``cinedex.api.CinedexLibrary`` does without loading anything."""

    def __init__(self, store: Library) -> None:
        self.store = store

    def plan_search(self, query: str, scope: Scope | None = None) -> "SearchPlan":
        """Read a query in the query language (``docs/SEARCH.md``); no model is loaded.

        Raises:
            QuerySyntaxError: A filter or a mark cannot be read.
        """
        from retriever.search_plan import plan_search

        return plan_search(query, scope or Scope(), self.store.video)

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

    def judge(
        self,
        query: str,
        verdict: Verdict | str,
        *,
        video: str | None = None,
        span: TimeSpan | tuple[float, float] | None = None,
        scope: Scope | None = None,
        note: str | None = None,
    ) -> Mark:
        """Keep a person's verdict on a query; another on the same span is replaced.

        Args:
            query: As it was searched for, filters and all.
            verdict: ``right`` or ``wrong`` of a span, or ``absent``: nothing satisfies the query.
            video: Id, the beginning of an id, path or title.
            span: In seconds.
            scope: What was allowed beside the query's filters; ``None`` for the whole library.
            note: In words.

        Raises:
            QueryError: The query cannot be searched, or the verdict contradicts the rest: it names
                no span, one that the video or the query does not hold, or says that nothing is
                there where something is marked right.
            UnknownNameError: No such video.
        """
        from cinedex.judging.marking import mark_of

        mark = mark_of(self.store, query, verdict, video=video, span=span, scope=scope, note=note)
        self.store.marks.put(mark)
        return mark

    def marks(self) -> list[Mark]:
        """List every verdict, oldest first."""
        return self.store.marks.all()

    def judged_queries(self) -> "list[JudgedQuery]":
        """List the queries of which something was said, with all that was."""
        from cinedex.judging.judged_query import judged_queries

        return judged_queries(self.marks())

    def remove_marks(self, marks: Iterable[Mark]) -> int:
        """Take verdicts back, and say how many there were."""
        return self.store.marks.remove(marks)

    def export_judged(self, path: str | Path, *, overwrite: bool = False) -> "JudgedDataset":
        """Write what was said as a dataset in our own format (``docs/EVALUATION.md``).

        Args:
            path: Of the file.
            overwrite: Replace a file that is there.

        Raises:
            DatasetError: Nothing was said, or the file cannot be written.
        """
        from cinedex.evaluation.indexed_videos import IndexedVideos
        from cinedex.judging.judged_dataset import judged_dataset, write_dataset

        dataset = judged_dataset(self.judged_queries(), IndexedVideos(self.videos()).name_of)
        write_dataset(dataset, Path(path), overwrites=overwrite)
        return dataset

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
