"""Which video of a library a dataset means: files are called as datasets call their videos."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from store.errors import DatasetError
from store.records import Video


class IndexedVideos:
    """The videos of a library by the names of their files, with and without the ending, and by id.

    Args:
        videos: All of the library.
    """

    def __init__(self, videos: Iterable[Video]) -> None:
        self._by_id = {video.video_id: video for video in videos}
        self._by_name: dict[str, dict[str, Video]] = defaultdict(dict)
        for video_id, video in self._by_id.items():
            for path in map(Path, video.paths):
                for name in (path.name, path.stem, video_id):
                    self._by_name[name][video_id] = video

    def name_of(self, video_id: str) -> str | None:
        """Name a video for a dataset: by its file, or by its id where another is called so too.

        ``None`` where it is not indexed.
        """
        video = self._by_id.get(video_id)
        if video is None:
            return None
        name = Path(video.path).name
        return name if len(self._by_name[name]) == 1 else video_id

    def find(self, name: str) -> Video | None:
        """Find the video of a name; ``None`` where it is not indexed.

        Raises:
            DatasetError: Several videos have it.
        """
        found = list(self._by_name.get(name, {}).values())
        if len(found) > 1:
            raise DatasetError(
                f"{len(found)} videos of the library are called {name}: "
                f"{', '.join(video.path for video in found)}; remove all but one of them"
            )
        return found[0] if found else None
