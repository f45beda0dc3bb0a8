"""``cinedex judge``: people say whether what a search found is right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.marks import chosen_marks, keep, list_marks, remove_marks, show_export
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
from cinedex.cli.output import complain, results
from store.errors import ConfigError, QueryError

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from retriever.narrowing import NarrowedScope
    from store.records import Scope

INTERRUPTED = 130


def judge(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(help="What was searched for.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Judge these queries: a line of text for each.")
    ] = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, help="Moments of a query; 5 unless set.")
    ] = None,
    right: Annotated[bool, typer.Option("--right", help="The span satisfies the query.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="The span does not.")] = False,
    absent: Annotated[
        bool, typer.Option("--absent", help="Nothing in the library satisfies the query.")
    ] = False,
    span: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--span", metavar="START END", help="Of the one --video: 12.5 17 or 0:12.5 0:17."
        ),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="Kept with the verdict.")] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List what was said: all, or of a query or a video.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take back what was said of a query or a video.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Write a dataset for `cinedex evaluate --format own`."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    video: VideoOption = None,
    kind: KindOption = None,
    series: SeriesOption = None,
    season: SeasonOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    speaker: SpeakerOption = None,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say of what a search finds whether it is right; every verdict is kept in the library.

    Without a verdict, moments are shown one after the other, and a key says what each is. The
    query and the options are those of `cinedex search`, and are kept with the verdict.
    """
    verdict = _verdict(right=right, wrong=wrong, absent=absent)
    _require_one(
        verdict=verdict is not None,
        list=listing,
        remove=remove,
        export=export is not None,
        file=file is not None,
    )
    if note is not None and verdict is None:
        raise ConfigError("--note is kept with --right, --wrong or --absent")
    if remove and not (query or video):
        raise ConfigError("name the query or the --video whose marks are to be taken back")
    is_of_span = span is not None or verdict in ("right", "wrong")
    filters: dict[str, list[str] | str | int | None] = {
        "video": None if is_of_span or listing or remove else video,
        **{"kind": kind, "series": series, "season": season},
        **{"before": before, "after": after, "speaker": speaker},
    }
    with open_with(context, library=library, offline=offline, profile=profile) as opened:
        beside = _allowed(scope_of(opened, **filters))
        if export is not None:
            show_export(opened, export, force=force, as_json=as_json)
        elif listing or remove:
            told = remove_marks if remove else list_marks
            told(opened, chosen_marks(opened, query, video, span, beside), as_json=as_json)
        elif verdict is not None or is_of_span:
            place = video if is_of_span else None
            keep(opened, query, verdict, place, span, beside, note, as_json=as_json)
        elif as_json:
            raise ConfigError("--json needs a verdict, --list, --remove or --export")
        else:
            _by_keys(opened, query, file, opened.settings.search_k if k is None else k, beside)


def _require_one(**asked: bool) -> None:
    chosen = [name for name, is_asked in asked.items() if is_asked]
    if len(chosen) > 1:
        raise ConfigError(f"{' and '.join(chosen)} do not go together; ask for one at a time")


def _verdict(**flags: bool) -> str | None:
    chosen = [name for name, is_set in flags.items() if is_set]
    if len(chosen) > 1:
        raise ConfigError(f"--{' and --'.join(chosen)} contradict each other; give one")
    return chosen[0] if chosen else None


def _allowed(place: "NarrowedScope") -> "Scope":
    if place.emptied_by:
        raise QueryError(f"the options leave nothing to look at: {place.emptied_by}")
    return place.scope


def _by_keys(
    library: "CinedexLibrary", query: str | None, file: Path | None, k: int, scope: "Scope"
) -> None:
    """Put moments before a person; what was said is kept however it ends."""
    from cinedex.cli.judging import Keys, judge_by_keys, summary
    from cinedex.judging.deck import Deck
    from cinedex.judging.queries_file import read_queries

    if (query is None) == (file is None):
        raise ConfigError("name a query, or a file of them with --file")
    queries = [str(query)] if file is None else read_queries(file)
    for asked in queries:
        if emptied_by := library.plan_search(asked, scope).emptied_by:
            raise QueryError(f"{asked!r} finds nothing: {emptied_by}")
    deck = Deck(library, queries, k, scope)
    try:
        judge_by_keys(deck, Keys())
    except KeyboardInterrupt as error:
        complain("interrupted; every verdict was kept, run it again for the others")
        raise typer.Exit(INTERRUPTED) from error
    finally:
        results().print(summary(deck), soft_wrap=True)
