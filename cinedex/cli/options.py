"""Options that several commands share, and what they mean together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import QueryError

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from cinedex.config import Settings
    from store.records import Scope
    from store.timespan import TimeSpan

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="Library directory; the default is in `cinedex doctor`."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="Set of models: a name, or a file that ends in .toml."),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Never touch the network.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
VideoOption = Annotated[
    list[str] | None,
    typer.Option(
        "--video", help="Only this video: id, beginning of an id, path or title. Repeatable."
    ),
]
KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", help="Only this kind of evidence, such as speech or screen_text. Repeatable."
    ),
]
SeriesOption = Annotated[str | None, typer.Option("--series", help="Only this series.")]
SeasonOption = Annotated[int | None, typer.Option("--season", help="Only this season.")]
FromOption = Annotated[
    str | None, typer.Option("--from", help="Not before this time in a video: 75, 1:15 or 0:01:15.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Not after this time in a video.")]

RecursiveOption = Annotated[
    bool, typer.Option("--recursive", "-r", help="Look into folders of folders.")
]
SpeechOption = Annotated[
    str | None,
    typer.Option(
        metavar="off|gaps|all",
        help="Recognise speech nowhere, where subtitles leave a gap (the default), everywhere.",
    ),
]
NoSpeechOption = Annotated[bool, typer.Option("--no-speech", help="As --speech off.")]
SpeechGapOption = Annotated[
    float | None,
    typer.Option(
        "--speech-gap-seconds",
        min=0.0,
        help="A longer time without a subtitle is a gap, which is listened to; 30 unless set.",
    ),
]
ScreenTextOption = Annotated[
    bool | None,
    typer.Option("--screen-text/--no-screen-text", help="Read words in the picture, or do not."),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", help="Language of the sound, such as en; overrides the file."),
]
FastOption = Annotated[
    bool,
    typer.Option("--fast", help="Look at key frames only, where there are enough; no shots."),
]
ShotsOption = Annotated[
    str | None,
    typer.Option(
        "--shots",
        metavar="DETECTOR",
        help="What finds cuts: joined (the default), transnet (slow), content, adaptive, ...",
    ),
]
JobsOption = Annotated[
    int, typer.Option("--jobs", "-j", min=1, help="Processes that index at once.")
]
RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Index on the Ray cluster whose head is at HOST:PORT, or 'auto' for this machine's.",
    ),
]

MAP_PATH_HELP = "A folder that was moved, as OLD=NEW; write '==' for a '=' in a path. Repeatable."

END_OF_TIME_SECONDS = 1e6
SECONDS_PER_STEP = 60


def settings_for(context: typer.Context, **flags: object) -> "Settings":
    """Read the settings in force for this command; its own flags beat those before its name."""
    from cinedex.config import load_settings

    before = context.find_root().params
    shared = {name: flags.get(name) or before.get(name) or None for name in ("library", "offline")}
    return load_settings({**flags, **shared})


def indexing_flags(
    *,
    speech: str | None,
    no_speech: bool,
    speech_gap_seconds: float | None,
    screen_text: bool | None,
    language: str | None,
    fast: bool,
    shots: str | None,
    library: Path | None,
    offline: bool,
    profile: str | None,
) -> dict[str, object]:
    """Name what ``index`` and ``watch`` were told after the settings, for ``open_with``."""
    return {
        "library": library,
        "offline": offline,
        "speech": "off" if no_speech else speech,
        "speech_gap_seconds": speech_gap_seconds,
        "screen_text": screen_text,
        "language": language,
        "fast": fast or None,
        "shot_detector": shots,
        "profile": profile,
    }


def open_with(context: typer.Context, *, create: bool = False, **flags: object) -> "CinedexLibrary":
    """Open the library that the settings name; what takes long is told on stderr."""
    settings = settings_for(context, **flags)
    from cinedex.api import open_library
    from cinedex.cli.counting import Counting

    reading = context.with_resource(Counting("reading vectors from the catalogue"))
    return open_library(settings=settings, create=create, on_rows=reading)


def scope_of(
    library: "CinedexLibrary",
    *,
    videos: list[str] | None = None,
    kinds: list[str] | None = None,
    series: str | None = None,
    season: int | None = None,
    start: str | None = None,
    end: str | None = None,
) -> "Scope":
    """Turn the options into what the library understands.

    Raises:
        UnknownNameError: A video that the library does not hold.
        QueryError: A kind that does not exist, or a time that cannot be read.
    """
    from store.records import EvidenceKind, Scope

    known = [kind.value for kind in EvidenceKind]
    for kind in kinds or []:
        if kind not in known:
            raise QueryError(f"no kind of evidence {kind!r}; there are {', '.join(known)}")
    return Scope(
        video_ids=tuple(library.store.video(name).video_id for name in videos) if videos else None,
        kinds=tuple(EvidenceKind(kind) for kind in kinds) if kinds else None,
        within=_within(start, end),
        series=series,
        season=season,
    )


def seconds_of(text: str) -> float:
    """Read ``75``, ``75.5``, ``1:15`` or ``0:01:15``.

    Raises:
        QueryError: It is none of these.

    Example:
        >>> seconds_of("1:02:03.5")
        3723.5
    """
    seconds = 0.0
    try:
        for part in text.split(":"):
            seconds = seconds * SECONDS_PER_STEP + float(part)
    except ValueError as error:
        raise QueryError(f"{text!r} is no time; write 75, 1:15 or 0:01:15") from error
    if not 0 <= seconds <= END_OF_TIME_SECONDS:
        raise QueryError(f"{text!r} is no time in a video; write 75, 1:15 or 0:01:15")
    return seconds


def _within(start: str | None, end: str | None) -> "TimeSpan | None":
    from store.timespan import TimeSpan

    if start is None and end is None:
        return None
    first = seconds_of(start) if start is not None else 0.0
    last = seconds_of(end) if end is not None else END_OF_TIME_SECONDS
    if last <= first:
        raise QueryError(f"--to {end} must come after --from {start or 0}")
    return TimeSpan(first, last)
