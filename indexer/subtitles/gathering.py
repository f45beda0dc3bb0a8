"""All subtitles of a video: which files and tracks are read, and why others are not."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from indexer.findings import Finding
from indexer.media.probe import MediaInfo
from indexer.media.subtitle_tracks import TrackFacts, subtitle_track_facts
from indexer.subtitles.cues import CueList
from indexer.subtitles.reading import SourceReading, place_cues, read_sidecar
from indexer.subtitles.sidecars import TEXT_FILE_REMEDY, Sidecar, all_sidecars
from indexer.subtitles.tracks import track_cues
from store.errors import MediaError
from store.records import EvidenceKind, Skip

STAGE = "subtitles"
# Two files that say the same do not agree on the frame.
_SAME_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SubtitleReading:
    """The subtitles of one video.

    Attributes:
        findings: In time order per source; each names its file or track as its source.
        skips: What was not read or passed over, and why.
    """

    findings: tuple[Finding, ...]
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """A file or track that could be read.

    Attributes:
        preference: The least is read.
    """

    name: str
    language: str | None
    preference: tuple[bool, bool, bool]
    read: Callable[[], SourceReading]


def gather_subtitles(
    path: Path, media: MediaInfo, *, beside: Path | None = None
) -> SubtitleReading:
    """Read the subtitles of a video, one source a language, from beside it and from inside it.

    Where the best source of a language holds nothing, the next one is read.

    Args:
        path: The video.
        media: What a probe of it said.
        beside: Of the copy of the video whose neighbours count; ``None`` for this one.
    """
    sidecars = all_sidecars(beside or path)
    skips = _unread_files(sidecars)
    sources = _sidecar_sources(sidecars, media) + _track_sources(path, media, skips)
    by_language: dict[str, list[_Source]] = defaultdict(list)
    for source in sorted(sources, key=lambda source: source.preference):
        by_language[source.language or ""].append(source)
    findings: list[Finding] = []
    # The one without a language is last: what it repeats keeps the language that it is known in.
    for language in sorted(by_language, key=lambda language: (not language, language)):
        found = _first_good(by_language[language], skips)
        findings += found if language else _unknown_yet(found, findings)
    if not sources and not skips:
        skips.append(Skip(STAGE, "no subtitles beside the video or in it"))
    return SubtitleReading(tuple(findings), tuple(skips))


def subtitle_files(path: Path) -> list[Path]:
    """List the subtitle files of a video that can be read, sorted.

    Also those that are read only where a better one in their language holds nothing.
    """
    return sorted({sidecar.path for sidecar in all_sidecars(path) if not sidecar.problem})


def _unread_files(sidecars: Iterable[Sidecar]) -> list[Skip]:
    """Name the files that are not read, those with the same reason together."""
    names: dict[str, list[str]] = defaultdict(list)
    for sidecar in sidecars:
        if sidecar.problem:
            names[sidecar.problem].append(sidecar.path.name)
    return [Skip(STAGE, f"{', '.join(named)}: {problem}") for problem, named in names.items()]


def _sidecar_sources(sidecars: Iterable[Sidecar], media: MediaInfo) -> list[_Source]:
    return [
        _Source(
            sidecar.path.name,
            sidecar.language,
            _preference(sidecar.is_forced, False, sidecar.is_sdh),
            partial(read_sidecar, sidecar, media.duration_seconds),
        )
        for sidecar in sidecars
        if not sidecar.problem
    ]


def _track_sources(path: Path, media: MediaInfo, skips: list[Skip]) -> list[_Source]:
    try:
        tracks = subtitle_track_facts(path)
    except MediaError as error:
        skips.append(Skip(STAGE, f"the subtitle tracks cannot be read: {error}"))
        return []
    skips += _unreadable(tracks)
    texts = [track for track in tracks if track.text_format is not None]

    @cache
    def cues() -> dict[int, CueList]:
        return track_cues(path, texts)

    def read(track: TrackFacts) -> SourceReading:
        try:
            found = cues()[track.index]
        except MediaError as error:
            return SourceReading((), problem=str(error))
        return place_cues(found, _name(track), track.language, media.duration_seconds)

    return [
        _Source(
            _name(track),
            track.language,
            _preference(track.is_forced, True, track.is_sdh),
            partial(read, track),
        )
        for track in texts
    ]


def _preference(is_forced: bool, is_embedded: bool, is_sdh: bool) -> tuple[bool, bool, bool]:
    """Rank a source in its language.

    Forced ones hold a few lines only, so they come last. Who puts a file beside a video that has a
    track in the same language means it: it corrects the track, and can be corrected in turn. Of
    two alike SDH says more, for it also tells who speaks and what sounds.
    """
    return is_forced, is_embedded, not is_sdh


def _unreadable(tracks: Iterable[TrackFacts]) -> list[Skip]:
    """Name the tracks that hold no text, in one word for all."""
    words = [
        f"track {track.index} is {'bitmap' if track.is_bitmap else 'unread'} subtitles "
        f"({', '.join(filter(None, (track.codec, track.language)))})"
        for track in tracks
        if track.text_format is None
    ]
    if not words:
        return []
    return [Skip(STAGE, f"{'; '.join(words)}; {TEXT_FILE_REMEDY}")]


def _name(track: TrackFacts) -> str:
    return f"track {track.index} ({track.codec})"


def _first_good(sources: Sequence[_Source], skips: list[Skip]) -> tuple[Finding, ...]:
    for source in sources:
        reading = source.read()
        if reading.problem:
            skips.append(Skip(STAGE, f"{source.name}: {reading.problem}"))
        elif reading.faults:
            skips.append(Skip(STAGE, f"{source.name}: {_told(reading.faults)}"))
        elif not reading.findings:
            skips.append(Skip(STAGE, f"{source.name}: no cues in it"))
        if reading.findings:
            return reading.findings
    return ()


def _told(faults: Counter[str]) -> str:
    """Say for example ``3 cues were passed over: 2 that end before they begin, 1 past ...``."""
    number = faults.total()
    listed = ", ".join(f"{count} {fault}" for fault, count in sorted(faults.items()))
    return f"{number} {'cue was' if number == 1 else 'cues were'} passed over: {listed}"


def _unknown_yet(found: Iterable[Finding], known: Iterable[Finding]) -> list[Finding]:
    """Keep what another source does not say within two seconds."""
    starts: dict[tuple[EvidenceKind, str], list[float]] = defaultdict(list)
    for finding in known:
        starts[finding.kind, finding.text].append(finding.span.start_seconds)
    for times in starts.values():
        times.sort()
    return [finding for finding in found if not _is_near(finding, starts)]


def _is_near(finding: Finding, starts: dict[tuple[EvidenceKind, str], list[float]]) -> bool:
    times = starts.get((finding.kind, finding.text), [])
    place = bisect_left(times, finding.span.start_seconds - _SAME_SECONDS)
    return place < len(times) and times[place] <= finding.span.start_seconds + _SAME_SECONDS
