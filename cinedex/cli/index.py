"""``cinedex index``: videos into the library."""

from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.counting import Counting
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
from cinedex.cli.output import complain, plain, print_json, results, table
from cinedex.wording import timecode
from store.errors import LibraryNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cinedex.api import CinedexLibrary
    from indexer.pipeline import VideoPlan
    from indexer.report import IndexReport, VideoResult

SOME_FAILED, INTERRUPTED = 6, 130


def index(
    context: typer.Context,
    paths: Annotated[
        list[str], typer.Argument(help="Videos, and folders of videos; with --ray also URLs.")
    ],
    recursive: RecursiveOption = False,
    force: Annotated[
        list[str] | None,
        typer.Option(
            "--force",
            metavar="STAGE",
            help="Run a stage again, and all that use it; 'all' for every stage. Repeatable.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and why, and change nothing.")
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
    """Index videos; only what is missing is done, also after a crash or an upgrade."""
    from cinedex.cli.indexing import indexing

    flags = indexing_flags(
        speech=speech,
        no_speech=no_speech,
        speech_gap_seconds=speech_gap_seconds,
        language=language,
        screen_text=screen_text,
        fast=fast,
        shots=shots,
        profile=profile,
        library=library,
        offline=offline,
    )
    if dry_run:
        with _library_as_it_is(context, flags) as opened:
            plans = list(opened.plan_index(paths, recursive=recursive, force=force or ()))
        show_plans(plans, as_json=as_json)
        return
    with open_with(context, create=True, **flags) as opened:
        display = indexing()
        try:
            with display:
                report = opened.index(
                    paths,
                    recursive=recursive,
                    force=force or (),
                    jobs=jobs,
                    ray=ray,
                    on_event=display,
                )
        except KeyboardInterrupt as error:
            complain(
                f"interrupted{' in ' + display.current if display.current else ''}; what is done "
                "is kept, and the same command, without --force, goes on from there"
            )
            raise typer.Exit(INTERRUPTED) from error
        with Counting("compacting vectors") as count:
            opened.store.compact(count)
        root = opened.store.root
    if as_json:
        print_json({"library": root, "seconds": report.seconds, "results": report.results})
    else:
        show_report(report)
    for failure in report.failed:
        complain(failure.error)
    if report.failed:
        raise typer.Exit(SOME_FAILED)


@contextmanager
def _library_as_it_is(
    context: typer.Context, flags: "Mapping[str, object]"
) -> "Iterator[CinedexLibrary]":
    """Open the library, or where there is none an empty one that goes away again."""
    with TemporaryDirectory(prefix="cinedex-") as scratch:
        try:
            opened = open_with(context, create=False, **flags)
        except LibraryNotFoundError:
            opened = open_with(
                context, create=True, **{**flags, "library": Path(scratch) / "library"}
            )
        with opened:
            yield opened


def show_plans(plans: "Sequence[VideoPlan]", *, as_json: bool) -> None:
    """Write what a run would do; fail where a file would."""
    if as_json:
        print_json({"plans": plans})
    else:
        rows = table("video", "stage", "why")
        for plan in plans:
            names = chain([plain(plan.path.name)], repeat(""))
            for name, (stage, why) in zip(names, _steps(plan), strict=False):
                rows.add_row(name, stage, plain(why))
        results().print(rows)
    if any(plan.error for plan in plans):
        raise typer.Exit(SOME_FAILED)


def _steps(plan: "VideoPlan") -> "list[tuple[str, str]]":
    """Say what would run and why, in a line where that is all."""
    if plan.is_new:
        return [("everything", "new")]
    if not plan.stages:
        return [("-", plan.error or "up to date")]
    return [(planned.stage, planned.reason) for planned in plan.stages]


def show_report(report: "IndexReport") -> None:
    """Write what became of each video, and what each stage cost."""
    summary = table("video", "state", ">length", ">took", ">x realtime")
    for result in report.results:
        summary.add_row(*_summary_row(result))
    console = results()
    console.print(summary)
    for result in report.results:
        for skip in result.video.skips if result.video else ():
            console.print(
                f"{plain(result.path.name)}: {skip.stage} skipped: {plain(skip.reason)}",
                soft_wrap=True,
            )
    for result in report.results:
        if result.seconds_by_stage:
            console.print(_costs(result), soft_wrap=True)


def _summary_row(result: "VideoResult") -> tuple[str, ...]:
    name = plain(result.path.name)
    if result.video is None:
        return name, result.state, "-", f"{result.seconds:.1f} s", "-"
    duration = result.video.duration_seconds
    speed = (
        f"{duration / result.seconds:.1f}" if result.seconds_by_stage and result.seconds else "-"
    )
    return name, result.state, timecode(duration), f"{result.seconds:.1f} s", speed


def _costs(result: "VideoResult") -> str:
    """Say what each stage cost, in milliseconds for each second of video."""
    duration = result.video.duration_seconds if result.video else 0.0
    if not duration:
        return f"{plain(result.path.name)}: no length to measure against"
    costs = (
        f"{stage} {1000 * seconds / duration:.1f}"
        for stage, seconds in result.seconds_by_stage.items()
    )
    return f"{plain(result.path.name)}: ms per video second: {', '.join(costs)}"
