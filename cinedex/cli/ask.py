"""``cinedex ask``: an answer with the seconds that prove it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import (
    AfterOption,
    BeforeOption,
    JsonOption,
    LibraryOption,
    OfflineOption,
    ProfileOption,
    SeasonOption,
    SeriesOption,
    VideoOption,
    open_with,
    scope_of,
)
from cinedex.cli.output import plain, print_json, results, say
from cinedex.cli.search import shortened
from cinedex.wording import span_text

if TYPE_CHECKING:
    from rich.console import Console

    from reasoner.answer import Answer

ABSTAINED = 3
MOST_CITED = 10
"""Citations that are shown to people."""


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="The question, in words.")],
    choice: Annotated[
        list[str] | None,
        typer.Option(
            "--choice", help="An answer to choose; A, B, C in order. Repeatable, at least twice."
        ),
    ] = None,
    video: VideoOption = None,
    series: SeriesOption = None,
    season: SeasonOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the library, or say that it holds no answer."""
    with open_with(context, library=library, offline=offline, profile=profile) as opened:
        place = scope_of(
            opened, video=video, series=series, season=season, before=before, after=after
        )
        answer = opened.ask(question, place.scope, choices=choice or ())
    if place.emptied_by:
        say(f"the options leave nothing to look at: {place.emptied_by}")
    if as_json:
        print_json(answer)
    else:
        show_answer(answer)
    if answer.abstained:
        raise typer.Exit(ABSTAINED)


def show_answer(answer: "Answer") -> None:
    """Write an answer for people: the text, what it rests on, how it came about."""
    from rich.text import Text

    from reasoner.reach import TOLD_BY_LINES

    console = results()
    style = "yellow" if answer.abstained else "bold"
    if answer.plan.reach in TOLD_BY_LINES:
        for row in answer.text.split("\n"):  # its own lines: others are escaped
            console.print(Text(plain(row), style=style), soft_wrap=True)
        _show_ids(console, answer)
    else:
        console.print(Text(plain(answer.text), style=style), soft_wrap=True)
        _show_places(console, answer)
    if answer.plan.repair:
        console.print(
            Text(f"   planner was mended: {plain(answer.plan.repair)}", style="dim"),
            soft_wrap=True,
        )
    for fallback in answer.fallbacks:
        console.print(
            Text(f"   {fallback.role} fell back: {plain(fallback.reason)}", style="dim"),
            soft_wrap=True,
        )
    for caveat in answer.caveats:
        console.print(Text(f"   but {plain(caveat)}", style="yellow"), soft_wrap=True)
    seconds = ", ".join(f"{role} {spent:.2f} s" for role, spent in answer.seconds_by_role.items())
    console.print(
        Text(f"   confidence {answer.confidence:.2f}; {seconds}", style="dim"), soft_wrap=True
    )


def _show_places(console: "Console", answer: "Answer") -> None:
    """Write the best span, and what is cited, the first few of many."""
    from rich.text import Text

    for span in answer.spans[:1] if answer.count is None else ():
        console.print(
            Text.assemble(
                "   at ", (span_text(span.span), "bold cyan"), f"  {plain(span.video.title)}"
            ),
            soft_wrap=True,
        )
    for number, citation in enumerate(answer.citations[:MOST_CITED], start=1):
        console.print(
            Text.assemble(
                (f"   [{number}] ", "dim"),
                (span_text(citation.span), "cyan"),
                f"  {citation.kind}: {shortened(citation.text)}  ",
                (citation.evidence_id, "dim"),
            ),
            soft_wrap=True,
        )
    more = len(answer.citations) - MOST_CITED
    if more > 0:
        console.print(Text(f"   and {more} more, all in --json", style="dim"), soft_wrap=True)


def _show_ids(console: "Console", answer: "Answer") -> None:
    """Name what is cited where the text itself is its lines."""
    from rich.text import Text

    ids = [citation.evidence_id for citation in answer.citations]
    if ids:
        console.print(Text(f"   cites {' '.join(ids)}", style="dim"), soft_wrap=True)
