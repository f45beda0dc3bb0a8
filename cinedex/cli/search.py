"""``cinedex search``: the moments that fit a query."""

from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import (
    AfterOption,
    BeforeOption,
    JsonOption,
    KindOption,
    LibraryOption,
    OfflineOption,
    ProfileOption,
    SeasonOption,
    SeriesOption,
    SpeakerOption,
    VideoOption,
    open_with,
    scope_of,
)
from cinedex.cli.output import plain, print_json, results, say
from cinedex.config import LEAST_FALSE_ANSWERS
from cinedex.wording import short_source, span_text

if TYPE_CHECKING:
    from rich.console import Console

    from retriever.moment import Moment

NOTHING_FOUND = 3
LONGEST_LINE_CHARACTERS = 300


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for: words, phrases, filters.")],
    k: Annotated[int | None, typer.Option("-k", help="How many moments; 5 unless set.")] = None,
    per_video: Annotated[
        int | None, typer.Option("--per-video", min=1, help="Most moments of one video.")
    ] = None,
    video: VideoOption = None,
    kind: KindOption = None,
    series: SeriesOption = None,
    season: SeasonOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    speaker: SpeakerOption = None,
    false_answers: Annotated[
        float | None,
        typer.Option(
            "--false-answers",
            min=LEAST_FALSE_ANSWERS,
            max=1.0,
            help="Of searches for what is not there, the share that may seem to find it.",
        ),
    ] = None,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find the moments that fit a query best.

    A query may hold "a phrase" that must be said or shown, -words that must not, and filters, which
    are options too: video:TITLE series:NAME season:2 before:S02E05 after:00:20:00 speaker:NAME
    kind:speech. Write -- before a query that begins with a minus.
    """
    with open_with(context, library=library, offline=offline, profile=profile) as opened:
        wanted = opened.settings.search_k if k is None else k
        place = scope_of(
            opened,
            video=video,
            kind=kind,
            series=series,
            season=season,
            before=before,
            after=after,
            speaker=speaker,
        )
        plan = opened.plan_search(query, place.scope)
        emptied_by = place.emptied_by or plan.emptied_by
        moments = (
            [] if emptied_by else opened.search(query, wanted, place.scope, per_video=per_video)
        )
        is_known = any(moment.probability is not None for moment in moments)
        least = opened.least_probability(false_answers) if is_known else None
        # What holds the very words that were asked for is what was asked for.
        doubt = "" if least is None or plan.scope.phrases else doubt_of(moments, least)
        if doubt:
            say(doubt)
        if as_json:
            found = {"query": query, "text": plan.text, "scope": plan.scope}
            found |= {"emptied_by": emptied_by or None, "least_probability": least}
            print_json(found | {"is_found": bool(moments) and not doubt, "moments": moments})
        else:
            show_moments(moments)
        if not moments:
            say(f"nothing found: {emptied_by}" if emptied_by else "nothing found")
        if doubt or not moments:
            raise typer.Exit(NOTHING_FOUND)


def doubt_of(moments: "list[Moment]", least_probability: float) -> str:
    """Say that nothing found is likely to be what was asked; empty where something is.

    Moments of encoders without calibration have no probability and are not doubted.
    """
    known = [moment.probability for moment in moments if moment.probability is not None]
    if not known or max(known) >= least_probability:
        return ""
    return (
        f"probably not in this library: the likeliest is {max(known):.0%} likely, and only "
        f"{least_probability:.0%} is believed; the nearest:"
    )


def show_moments(moments: "list[Moment]") -> None:
    """Write moments for people, best first."""
    console = results()
    for number, moment in enumerate(moments, start=1):
        show_moment(console, number, moment)
    for skipped in moments[0].skipped if moments else ():
        say(f"not asked: {skipped.source}: {skipped.reason}")


def show_moment(console: "Console", number: int, moment: "Moment") -> None:
    """Write one moment for people."""
    from rich.text import Text

    console.print(
        Text.assemble(
            (f"{number}. ", "bold"),
            (span_text(moment.span), "bold cyan"),
            f"  {plain(moment.video.title)}  ",
            (moment.video.short_id, "dim"),
            "" if moment.probability is None else f"  {moment.probability:.0%} likely",
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
