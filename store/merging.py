"""What becomes of an archive's videos in a library that may know them, or others, already.

Each is published in one transaction. An import that was killed keeps what it had, and running it
again finds that the same and goes on with the rest.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from store.answers import Added
from store.archive import ArchivedVideo, OnVideos
from store.archive_file import ArchiveFile
from store.errors import ArchiveError, CinedexError, EncoderMismatchError, UnknownNameError
from store.library import Library
from store.publishing import require_same_encoder
from store.records import IndexedVideo
from store.relocating import NOTHING_MOVED, PathMaps
from store.thumbnails import thumbnail_name
from store.wholes import content_digest


class MergeState(StrEnum):
    """What became of one video."""

    ADDED = "added"
    SAME = "same"
    KEPT = "kept"
    REPLACED = "replaced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MergedVideo:
    """The outcome for one video.

    Attributes:
        state: ``SAME``: what is indexed is, and the paths were put together; ``KEPT``: it differs,
            and ours stayed as it was.
        error: One line, for failed videos.
        error_type: Name of the error class.
    """

    video_id: str
    title: str
    state: MergeState
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class MergeReport:
    """The outcome of an import, one result for each video in the order of the archive.

    Attributes:
        answers_error: One line, where the answers could not be read; none of them was added then.
        num_marks: Of searches, that were new or newer.
        marks_error: As ``answers_error``.
    """

    results: tuple[MergedVideo, ...]
    answers: Added
    answers_error: str = ""
    num_marks: int = 0
    marks_error: str = ""

    @property
    def failed(self) -> tuple[MergedVideo, ...]:
        """Videos that could not be imported."""
        return tuple(result for result in self.results if result.state is MergeState.FAILED)

    @property
    def kept(self) -> tuple[MergedVideo, ...]:
        """Videos that differ and stayed as they were."""
        return tuple(result for result in self.results if result.state is MergeState.KEPT)


def import_archive(
    library: Library,
    archive: ArchiveFile,
    *,
    replaces: bool = False,
    maps: PathMaps = NOTHING_MOVED,
    on_videos: OnVideos | None = None,
) -> MergeReport:
    """Put what an archive holds into a library.

    Args:
        library: It may be empty.
        archive: A video in it that cannot be read fails alone.
        replaces: Take the archive's index of a video where it differs from ours.
        maps: Folders that lie elsewhere here than where the archive was made.
        on_videos: Told how far it is.

    Raises:
        LibraryError: The library cannot be written; what was imported so far stays.
    """
    merge = _Merge(library, maps, replaces)
    entries = archive.manifest.videos
    results = []
    for done, entry in enumerate(entries, start=1):
        results.append(_one(archive, entry, merge))
        if on_videos is not None:
            on_videos(done, len(entries))
    if any(result.state in (MergeState.ADDED, MergeState.REPLACED) for result in results):
        library.compact()
    answers, num_marks = Added(), 0
    answers_error = marks_error = ""
    try:
        answers = library.add_answers(archive.answers())
    except ArchiveError as error:
        answers_error = str(error)
    try:
        num_marks = library.marks.merge(archive.marks())
    except ArchiveError as error:
        marks_error = str(error)
    return MergeReport(tuple(results), answers, answers_error, num_marks, marks_error)


@dataclass(frozen=True, slots=True)
class _Merge:
    library: Library
    maps: PathMaps
    replaces: bool

    def take(self, whole: IndexedVideo) -> MergeState:
        """Put one video in."""
        paths = self.maps.moved_all(whole.video.paths)
        video_id = whole.video.video_id
        known = self.library.paths(video_id)  # asked now: another process may have indexed it
        if known is None:
            self._publish(whole, paths)
            return MergeState.ADDED
        if self.library.content_digest(video_id) == _digest(whole):
            if not set(paths) <= set(known):
                self.library.merge_paths(video_id, paths)
            return MergeState.SAME
        if not self.replaces:
            return MergeState.KEPT
        self._publish(whole, tuple(dict.fromkeys([*known, *paths])))
        return MergeState.REPLACED

    def _publish(self, whole: IndexedVideo, paths: tuple[str, ...]) -> None:
        kept = {space.space_id: space for space in self.library.spaces()}
        for space in whole.spaces:  # before thumbnails are written
            require_same_encoder(kept.get(space.space_id, space), space)
        self.library.publish(replace(whole, video=replace(whole.video, paths=paths)))


def _one(archive: ArchiveFile, entry: ArchivedVideo, merge: _Merge) -> MergedVideo:
    """Import one video, or say why it cannot be."""
    try:
        state = merge.take(archive.video(entry))
    except (ArchiveError, EncoderMismatchError, UnknownNameError) as error:
        return _failed(entry, error)
    return MergedVideo(entry.video_id, entry.title, state)


def _failed(entry: ArchivedVideo, error: CinedexError) -> MergedVideo:
    said, name = str(error), type(error).__name__
    return MergedVideo(entry.video_id, entry.title, MergeState.FAILED, said, name)


def _digest(whole: IndexedVideo) -> str:
    video_id = whole.video.video_id
    names = {ordinal: thumbnail_name(video_id, ordinal, jpeg) for ordinal, jpeg in whole.thumbnails}
    return content_digest(whole, names)
