"""A library written into one file that any other can read; see ``store/archive.py``."""

import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from store.answers import written_answer
from store.archive import (
    ANSWERS,
    MANIFEST,
    MARKS,
    RECORDS,
    THUMBNAILS,
    VECTORS,
    ArchivedVideo,
    Manifest,
    Member,
    OnVideos,
    member_name,
    method,
    write_manifest,
)
from store.errors import ArchiveError, UnknownNameError
from store.files import bring_to_disk, named_file_errors, written_beside
from store.marks import written_mark
from store.packing import pack
from store.reader import Reader

MODE = 0o100600
UNIX = 3
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that a zip can name
COUNTED = (
    *("videos", "clips", "evidence", "embeddings", "thumbnails"),
    *("answers", "judgements", "marks"),
)


def export_library(
    library: Reader,
    path: Path,
    *,
    made_by: str,
    video_ids: Sequence[str] | None = None,
    overwrites: bool = False,
    on_videos: OnVideos | None = None,
) -> Manifest:
    """Write an archive: all of it, or nothing where it is interrupted.

    Args:
        library: Others may go on writing it; each video is written as it is at one moment.
        path: Of the file.
        made_by: Name and version of the program, for people.
        video_ids: Full ids of what is exported; answers and marks, which may tell of other videos,
            stay behind. ``None`` exports everything.
        overwrites: Replace a file that is there.
        on_videos: Told how far it is.

    Raises:
        ArchiveError: ``path`` cannot be the place of an archive.
        LibraryFullError: No space left.
        UnknownNameError: No video has one of the ids.
    """
    _require_place(library, path, overwrites)
    known = {video.video_id for video in library.videos()}
    if strangers := sorted(set(video_ids or ()) - known):
        raise UnknownNameError(f"no video {strangers[0]!r} in this library; it was removed")
    chosen = sorted(known if video_ids is None else set(video_ids))
    with named_file_errors(path.parent):
        with written_beside(path) as file, zipfile.ZipFile(file, "w") as archive:
            writer = _Writer(archive)
            for done, video_id in enumerate(chosen, start=1):
                writer.add_video(library, video_id)
                if on_videos is not None:
                    on_videos(done, len(chosen))
            if video_ids is None:
                writer.add_answers(library)
                writer.add_marks(library)
            manifest = writer.finish(made_by)
            _require_place(library, path, overwrites)  # somebody may have been quicker
        bring_to_disk(path.parent)
    return manifest


def _require_place(library: Reader, path: Path, overwrites: bool) -> None:
    with named_file_errors(path.parent):
        if not path.parent.is_dir():
            raise ArchiveError(f"there is no folder {path.parent}; make it, or name another place")
        if path.resolve().is_relative_to(library.root.resolve()):
            raise ArchiveError(f"{path} lies in the library itself; name a place outside of it")
        if path.is_symlink() or path.exists():
            if not overwrites:
                raise ArchiveError(f"{path} is there already; name another file, or use --force")
            if not path.is_file():
                raise ArchiveError(f"{path} is no plain file; name another place")


@dataclass
class _Writer:
    """Adds members to a zip and remembers what the manifest must say of them."""

    archive: zipfile.ZipFile
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    videos: list[ArchivedVideo] = field(default_factory=list)
    answers: Member | None = None
    marks: Member | None = None

    def add_video(self, library: Reader, video_id: str) -> None:
        """Write one video; one that was removed in the meantime is left out."""
        try:
            whole = library.indexed_video(video_id)
        except UnknownNameError:
            return
        packed = pack(whole)
        members = (
            self._add(member_name(video_id, RECORDS), [packed.records]),
            self._add(member_name(video_id, VECTORS), [packed.vectors]),
            self._add(member_name(video_id, THUMBNAILS), [packed.thumbnails]),
        )
        self.videos.append(ArchivedVideo(video_id, whole.video.title, *members))
        self.counts.update(
            videos=1,
            clips=len(whole.clips),
            evidence=len(whole.evidence),
            embeddings=len(whole.embeddings),
            thumbnails=len(whole.thumbnails),
        )

    def add_answers(self, library: Reader) -> None:
        """Write every answer with its judgements."""

        def lines() -> Iterable[bytes]:
            for answer in library.answers():
                self.counts.update(answers=1, judgements=len(answer.judgements))
                yield written_answer(answer)

        self.answers = self._add(ANSWERS, lines())

    def add_marks(self, library: Reader) -> None:
        """Write every mark."""
        marks = library.marks.all()
        self.counts.update(marks=len(marks))
        self.marks = self._add(MARKS, map(written_mark, marks))

    def finish(self, made_by: str) -> Manifest:
        """Write the manifest."""
        counts, videos = dict(self.counts), tuple(self.videos)
        manifest = Manifest(made_by, counts, videos, self.answers, self.marks)
        self._add(MANIFEST, [write_manifest(manifest)])
        return manifest

    def _add(self, name: str, parts: Iterable[bytes]) -> Member:
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = method(name.rpartition("/")[2])
        info.external_attr = MODE << 16
        info.create_system = UNIX
        digest, num_bytes = sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as member:
            for part in parts:
                member.write(part)
                digest.update(part)
                num_bytes += len(part)
        return Member(name, num_bytes, digest.hexdigest())
