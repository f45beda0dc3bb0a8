"""What of a library a general question may look at: video by video, never all at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reasoner.interfaces import EvidenceSource
from reasoner.scoping import allows
from retriever.words import STOP_WORDS, split_words
from store.records import Evidence, Scope, Summary, SummaryLevel, Video


@dataclass(frozen=True, slots=True)
class Extent:
    """The videos that a scope allows, and what is known of each inside it.

    Attributes:
        videos: In the library's order.
    """

    library: EvidenceSource
    scope: Scope
    videos: tuple[Video, ...]

    @classmethod
    def of(cls, library: EvidenceSource, scope: Scope, videos: Sequence[Video]) -> "Extent":
        """Return what a scope allows of some videos."""
        return cls(library, scope, tuple(video for video in videos if allows(scope, video)))

    def of_videos(self, videos: Sequence[Video]) -> "Extent":
        """Return the same limits inside fewer videos."""
        ids = tuple(video.video_id for video in videos)
        return Extent(self.library, replace(self.scope, video_ids=ids), tuple(videos))

    def lines(self, video: Video) -> list[Evidence]:
        """Read the evidence of one video that may be looked at, in time order."""
        found = self.library.evidence(video.video_id, self.scope.within)
        return [line for line in found if self.admits(video, line)]

    def summary(self, video: Video) -> Summary | None:
        """Return what stands for a whole video; ``None`` where nothing was built."""
        return next(iter(self._of_level(video, SummaryLevel.VIDEO)), None)

    def scenes(self, video: Video) -> list[Summary]:
        """Return a video's scenes that are not outside the limit, in time order."""
        within = self.scope.within
        return [
            scene
            for scene in self._of_level(video, SummaryLevel.SCENE)
            if within is None or scene.span.overlaps(within)
        ]

    def admits(self, video: Video, line: Evidence) -> bool:
        """Say whether a line may be looked at: its kind, language, speaker and middle."""
        scope = self.scope
        language = line.language or video.language
        return (
            (scope.within is None or scope.within.contains(line.span.middle_seconds))
            and (scope.kinds is None or line.kind in scope.kinds)
            and (scope.language is None or language == scope.language)
            and (scope.speaker is None or (line.speaker or "").lower() == scope.speaker.lower())
        )

    def _of_level(self, video: Video, level: SummaryLevel) -> list[Summary]:
        return [each for each in self.library.summaries(video.video_id) if each.level is level]


def titled(name: str, videos: Sequence[Video]) -> list[Video]:
    """Find the videos, or the series, that a person names; the whole title goes before a part.

    Returns:
        Empty where no title holds the words.
    """
    words = split_words(name)
    if all(word in STOP_WORDS for word in words):
        return []
    titles = [
        (video, [split_words(title) for title in (video.title, video.series or "")])
        for video in videos
    ]
    whole = [video for video, named in titles if words in named]
    return whole or [
        video for video, named in titles if any(_holds(title, words) for title in named)
    ]


def _holds(title: Sequence[str], words: Sequence[str]) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(title)} "
