"""``cinedex check``: is the library whole, and what can be mended."""

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, settings_for
from cinedex.cli.output import complain, plain, print_json, results, say, size_text, table

if TYPE_CHECKING:
    from cinedex.config import Settings
    from store.check_report import CheckReport, Problem, RepairReport

PROBLEMS_REMAIN = 4
MOST_OF_A_KIND = 20


def check(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is wrong; nothing is lost unnamed.")
    ] = False,
    dump: Annotated[
        bool, typer.Option("--dump", help="Write down all that the library knows, on stdout.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that the library is whole, and mend it; works even where it cannot be opened."""
    from cinedex.cli.checking import checking
    from cinedex.mending import check_library, repair_library

    if dump and as_json:
        raise typer.BadParameter("--dump writes lines of its own; leave --json out")
    settings = settings_for(context, library=library)
    repaired: RepairReport | None = None
    with checking() as on_video:
        if repair:
            repaired = repair_library(settings=settings, on_video=on_video)
        report = repaired.after if repaired else check_library(settings=settings, on_video=on_video)
    if dump:
        _complain_of(report, repaired)
        _dump(settings)
    elif as_json:
        print_json(_document(report, repaired))
    else:
        _show(report, repaired)
    if not report.is_good:
        raise typer.Exit(PROBLEMS_REMAIN)


def _document(report: "CheckReport", repaired: "RepairReport | None") -> dict[str, object]:
    mended = repaired and {
        "problems": repaired.before.problems,
        "done": repaired.done,
        "lost": repaired.lost,
        "unread": repaired.unread,
        "damaged_copy": repaired.damaged_copy,
    }
    return {
        "library": report.root,
        "is_good": report.is_good,
        "problems": report.problems,
        "counts": report.counts,
        "videos": report.videos,
        "repair": mended,
    }


def _dump(settings: "Settings") -> None:
    from cinedex.api import open_library

    with open_library(settings=settings) as opened:
        for line in opened.store.dump():
            sys.stdout.write(line + "\n")


def _complain_of(report: "CheckReport", repaired: "RepairReport | None") -> None:
    for found in report.problems:
        if not found.is_note:
            complain(_line(found))
    for video in repaired.lost if repaired else ():
        complain(f"lost {video.path or video.video_id}: {video.reason}; index it again")


def _show(report: "CheckReport", repaired: "RepairReport | None") -> None:
    console = results()
    if repaired:
        _show_problems(repaired.before.problems)
        for done in repaired.done:
            console.print(plain(done), soft_wrap=True)
        _show_lost(repaired)
        if repaired.before.problems and report.problems:
            console.print("after the repair:")
    if not repaired or repaired.before.problems:
        _show_problems(report.problems)
    _show_counts(report)
    if report.is_good:
        say(f"{report.root} is whole")


def _show_problems(problems: "tuple[Problem, ...]") -> None:
    if not problems:
        return
    rows = table("", "kind", "about", "found", "remedy")
    for kind, found in groupby(sorted(problems, key=lambda one: one.kind), lambda one: one.kind):
        same = list(found)
        for one in same[:MOST_OF_A_KIND]:
            state = "note" if one.is_note else "bad"
            rows.add_row(state, kind, plain(one.about), plain(one.found), plain(one.remedy))
        if len(same) > MOST_OF_A_KIND:
            rows.add_row("", kind, f"and {len(same) - MOST_OF_A_KIND} more; see --json", "", "")
    results().print(rows)


def _show_lost(repaired: "RepairReport") -> None:
    console = results()
    if repaired.lost:
        rows = table("lost; index again", "title", "id", "why")
        for video in repaired.lost:
            rows.add_row(
                plain(video.path or "-"), plain(video.title or "-"), video.video_id[:12],
                plain(video.reason),
            )  # fmt: skip
        console.print(rows)
    for unread in repaired.unread:
        console.print(f"could not be read: {plain(unread)}", soft_wrap=True)


def _show_counts(report: "CheckReport") -> None:
    counts = report.counts
    if counts is None:
        return
    rows = table(">videos", ">clips", ">evidence", ">vectors", ">files", ">on disk")
    rows.add_row(
        *(str(number) for number in (counts.num_videos, counts.num_clips, counts.num_evidence)),
        str(sum(counts.num_vectors.values())), str(counts.num_files), size_text(counts.num_bytes),
    )  # fmt: skip
    results().print(rows)


def _line(found: "Problem") -> str:
    return f"{found.kind}: {found.about}: {found.found}; {found.remedy}"
