"""``cinedex search``: the moments that fit a query."""

from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import (
    FromOption,
    JsonOption,
    KindOption,
    LibraryOption,
    OfflineOption,
    ProfileOption,
    SeasonOption,
    SeriesOption,
    ToOption,
    VideoOption,
    open_with,
    scope_of,
)
from cinedex.cli.output import plain, print_json, results, say
from cinedex.wording import short_source, span_text

if TYPE_CHECKING:
    from rich.console import Console

    from retriever.moment import Moment

NOTHING_FOUND = 3
LONGEST_LINE_CHARACTERS = 300


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for, in words.")],
    k: Annotated[int | None, typer.Option("-k", help="How many moments; 5 unless set.")] = None,
    video: VideoOption = None,
    kind: KindOption = None,
    series: SeriesOption = None,
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find the moments that fit a query best."""
    with open_with(context, library=library, offline=offline, profile=profile) as opened:
        wanted = opened.settings.search_k if k is None else k
        scope = scope_of(
            opened, videos=video, kinds=kind, series=series, season=season, start=start, end=end
        )
        moments = opened.search(query, wanted, scope)
        if as_json:
            print_json({"query": query, "moments": moments})
        else:
            show_moments(moments)
        if not moments:
            say("nothing found")
            raise typer.Exit(NOTHING_FOUND)


def show_moments(moments: "list[Moment]") -> None:
    """Write moments for people, best first."""
    console = results()
    for number, moment in enumerate(moments, start=1):
        _show_moment(console, number, moment)
    for skipped in moments[0].skipped if moments else ():
        say(f"not asked: {skipped.source}: {skipped.reason}")


def _show_moment(console: "Console", number: int, moment: "Moment") -> None:
    from rich.text import Text

    console.print(
        Text.assemble(
            (f"{number}. ", "bold"),
            (span_text(moment.span), "bold cyan"),
            f"  {plain(moment.video.title)}  ",
            (moment.video.short_id, "dim"),
        ),
        soft_wrap=True,
    )
    for evidence in moment.evidence[:1]:
        console.print(Text(f"   {evidence.kind}: {shortened(evidence.text)}"), soft_wrap=True)
    if not moment.evidence:
        console.print(Text("   picture"), soft_wrap=True)
    why = ", ".join(f"{short_source(reason.source)} #{reason.rank}" for reason in moment.why)
    console.print(Text(f"   why: {plain(why)}", style="dim"), soft_wrap=True)


def shortened(text: str) -> str:
    """Return evidence on one line of bearable length."""
    line = plain(" ".join(text.split()))
    if len(line) <= LONGEST_LINE_CHARACTERS:
        return line
    return line[: LONGEST_LINE_CHARACTERS - 1] + "\u2026"
