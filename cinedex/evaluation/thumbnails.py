"""Pictures of videos, from the thumbnails that a library keeps of its clips."""

from dataclasses import dataclass

from cinedex.evaluation.indexed_videos import IndexedVideos
from store.library import Library
from store.timespan import TimeSpan

INSTANT_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Finds the picture of the clip that an instant lies in."""

    library: Library
    videos: IndexedVideos

    def __call__(self, video_name: str, instant_seconds: float) -> bytes | None:
        """Return a JPEG; ``None`` where the library has no such video, clip or picture."""
        video = self.videos.find(video_name)
        if video is None:
            return None
        instant = TimeSpan(instant_seconds, instant_seconds + INSTANT_SECONDS)
        for clip in self.library.clips(video.video_id, instant)[:1]:
            path = self.library.thumbnail_path(clip)
            return None if path is None else path.read_bytes()
        return None


def no_thumbnails(_video_name: str, _instant_seconds: float) -> None:
    """Stand in where there is no library to take pictures from."""
