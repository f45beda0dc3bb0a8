"""``cinedex import-library``: what an archive holds, into the library."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import MAP_PATH_HELP, JsonOption, LibraryOption, open_with
from cinedex.cli.output import complain, plain, print_json, results, say

if TYPE_CHECKING:
    from store.merging import MergeReport

SOME_FAILED, INTERRUPTED = 6, 130


def import_library(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An archive that export-library wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the archive's word where a video differs.")
    ] = False,
    map_path: Annotated[list[str] | None, typer.Option("--map-path", help=MAP_PATH_HELP)] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the videos and answers of an archive into the library; makes it where there is none."""
    from cinedex.cli.counting import Counting
    from store.archive_file import ArchiveFile
    from store.relocating import path_maps

    path_maps(map_path or ())
    ArchiveFile(file.expanduser()).close()  # what cannot be read leaves no empty library behind
    with open_with(context, create=True, library=library) as opened:
        try:
            with Counting("importing", of="videos") as on_videos:
                report = opened.import_library(
                    file, replace=replace, map_paths=map_path or (), on_videos=on_videos
                )
        except KeyboardInterrupt as error:
            complain("interrupted; whole videos were kept, run it again for the others")
            raise typer.Exit(INTERRUPTED) from error
        root = opened.store.root
    if as_json:
        print_json({"library": root, "archive": file, **_document(report)})
    else:
        show_report(report)
    for failure in report.failed:
        complain(f"{failure.title}: {failure.error}")
    for unread in filter(None, (report.answers_error, report.marks_error)):
        complain(unread)
    if report.failed or report.answers_error or report.marks_error:
        raise typer.Exit(SOME_FAILED)


def show_report(report: "MergeReport") -> None:
    """Write how many videos ended how, and which are not what the archive says."""
    from collections import Counter

    states = Counter(str(result.state) for result in report.results)
    parts = [f"{number} {state}" for state, number in states.items()] or ["no videos"]
    parts.append(f"{report.answers.num_answers} answers added")
    if report.num_marks:
        parts.append(f"{report.num_marks} marks added")
    results().print(", ".join(parts), soft_wrap=True)
    for result in report.kept:
        say(
            f"{plain(result.title)} ({result.video_id}) differs and was kept as it is here; "
            "--replace takes the archive's"
        )


def _document(report: "MergeReport") -> dict[str, object]:
    return {
        "results": report.results,
        "num_answers": report.answers.num_answers,
        "num_judgements": report.answers.num_judgements,
        "answers_error": report.answers_error,
        "num_marks": report.num_marks,
        "marks_error": report.marks_error,
    }
