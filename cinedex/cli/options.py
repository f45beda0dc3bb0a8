"""Options that several commands share, and what they mean together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from cinedex.config import Settings
    from retriever.narrowing import NarrowedScope

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
AfterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--after",
        "--from",
        help="Only what comes after this episode (S02E05, S02), or from this time in a video on "
        "(75, 1:15, 0:01:15). Repeatable.",
    ),
]
BeforeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--before", "--to", help="Only what comes before this episode or time. Repeatable."
    ),
]
SpeakerOption = Annotated[
    str | None, typer.Option("--speaker", help="Only what this person says, where that is known.")
]

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


def scope_of(library: "CinedexLibrary", **filters: list[str] | str | int | None) -> "NarrowedScope":
    """Turn options into what the library understands; all of them hold at once.

    Args:
        library: Knows the videos.
        filters: Values by field of the query language; ``None`` for an option that was not given.

    Raises:
        UnknownNameError: A video that the library does not hold.
        QueryError: A kind that does not exist, or an episode or time that cannot be read.
    """
    from retriever import filters as fields

    given = (
        fields.read_filter(field, str(value))
        for field, values in filters.items()
        if values is not None
        for value in (values if isinstance(values, list) else [values])
    )
    return fields.scope_of(given, library.store.video)
