"""``cinedex watch``: what arrives in a folder goes into the library."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.counting import Counting
from cinedex.cli.indexing import IndexDisplay, indexing
from cinedex.cli.options import (
    FastOption,
    JobsOption,
    JsonOption,
    LanguageOption,
    LibraryOption,
    NoSpeechOption,
    OfflineOption,
    ProfileOption,
    RayOption,
    RecursiveOption,
    ScreenTextOption,
    ShotsOption,
    SpeechGapOption,
    SpeechOption,
    indexing_flags,
    open_with,
)
from cinedex.cli.output import complain, plain, results, say

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from indexer.report import IndexReport
    from indexer.watching import FolderWatch, WatchEvent

SOME_FAILED, INTERRUPTED = 6, 130


def watch(
    context: typer.Context,
    folders: Annotated[list[Path], typer.Argument(help="Folders to look at.")],
    recursive: RecursiveOption = False,
    settle: Annotated[
        float,
        typer.Option(
            "--settle", min=0.0, help="Seconds for which a file must not change before it is taken."
        ),
    ] = 5.0,
    once: Annotated[
        bool, typer.Option("--once", help="Index what is there and no longer changes, then end.")
    ] = False,
    speech: SpeechOption = None,
    no_speech: NoSpeechOption = False,
    speech_gap_seconds: SpeechGapOption = None,
    language: LanguageOption = None,
    screen_text: ScreenTextOption = None,
    fast: FastOption = False,
    shots: ShotsOption = None,
    jobs: JobsOption = 1,
    ray: RayOption = None,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Index what arrives in folders, once it has stopped growing; ends with Ctrl-C."""
    has_failed = False
    flags = indexing_flags(
        speech=speech,
        no_speech=no_speech,
        speech_gap_seconds=speech_gap_seconds,
        language=language,
        screen_text=screen_text,
        fast=fast,
        shots=shots,
        library=library,
        profile=profile,
        offline=offline,
    )
    with open_with(context, create=True, **flags) as opened:

        def index(paths: Sequence[Path], display: IndexDisplay) -> "IndexReport":
            return opened.index(paths, jobs=jobs, ray=ray, on_event=display)

        watched = _watched(opened, index, folders, recursive, settle)
        if not once:
            say(f"watching {', '.join(map(str, folders))}; Ctrl-C ends it")
        try:
            for event in watched.once() if once else watched.forever():
                has_failed |= _tell(event, as_json)
        except KeyboardInterrupt as error:
            complain("interrupted; what was begun is taken up by the next `watch` or `index`")
            raise typer.Exit(INTERRUPTED) from error
    if once and has_failed:
        raise typer.Exit(SOME_FAILED)


def _watched(
    opened: "CinedexLibrary",
    index: "Callable[[Sequence[Path], IndexDisplay], IndexReport]",
    folders: list[Path],
    recursive: bool,
    settle_seconds: float,
) -> "FolderWatch":
    from indexer.arrivals import Arrivals
    from indexer.folder_listing import check_folders, list_folders
    from indexer.watching import FolderWatch
    from indexer.writers import held_for_writing

    check_folders(folders)

    def shown(paths: Sequence[Path]) -> "IndexReport":
        with indexing() as display:
            report = index(paths, display)
        with Counting("compacting vectors") as count:
            opened.store.compact(count)
        return report

    return FolderWatch(
        lambda: list_folders(folders, recursive), shown, Arrivals(settle_seconds, held_for_writing)
    )


def _tell(event: "WatchEvent", as_json: bool) -> bool:
    """Write an event to stdout, on a line of its own; return whether it is a failure."""
    from cinedex.serialise import to_json

    if as_json:
        sys.stdout.write(to_json(event, indent=None) + "\n")
        sys.stdout.flush()
    else:
        results().print(plain(_sentence(event)), soft_wrap=True)
    return event.is_failure


def _sentence(event: "WatchEvent") -> str:
    if event.result is None:
        what = event.message or event.kind.value
        return f"{event.path}: {what}"
    said = f"{event.path}: {event.result.state.value} in {event.result.seconds:.1f} s"
    return f"{said}: {event.message}" if event.message else said
