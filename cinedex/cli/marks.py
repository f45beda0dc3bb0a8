"""Marks at the command line: kept, listed, taken back, written as a dataset."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cinedex.cli.output import plain, print_json, results, say
from cinedex.serialise import to_plain
from cinedex.wording import span_text
from store.errors import ConfigError, QueryError, UnknownNameError

if TYPE_CHECKING:
    from cinedex.api import CinedexLibrary
    from cinedex.judging.judged_dataset import JudgedDataset
    from store.mark import Mark
    from store.records import Scope
    from store.timespan import TimeSpan

NOTHING_FOUND = 3
LEAST_ID_CHARACTERS = 4
EXAMPLE = "for example: cinedex judge 'a dog runs' --video holiday --span 12.5 17 --right"


def keep(
    library: "CinedexLibrary",
    query: str | None,
    verdict: str | None,
    videos: Sequence[str] | None,
    span: tuple[str, str] | None,
    scope: "Scope",
    note: str | None,
    *,
    as_json: bool,
) -> None:
    """Keep the one verdict that the options state."""
    if query is None or verdict is None or len(videos or ()) > 1:
        raise ConfigError(f"a verdict needs a query, and a span one video; {EXAMPLE}")
    mark = library.judge(
        query,
        verdict,
        video=videos[0] if videos else None,
        span=None if span is None else span_between(*span),
        scope=scope,
        note=note,
    )
    titles = _titles(library)
    if as_json:
        print_json({"mark": _document(mark, titles)})
    else:
        results().print(f"{plain(mark.query)}: {_line(mark, titles)}", soft_wrap=True)


def show_export(library: "CinedexLibrary", path: Path, *, force: bool, as_json: bool) -> None:
    """Write a dataset and say what is in it."""
    dataset = library.export_judged(path, overwrite=force)
    if as_json:
        left_out = [_document(mark, {}) for mark in dataset.left_out]
        print_json({"file": path, **_counts(dataset), "left_out": left_out})
        return
    counts = _counts(dataset)
    results().print(
        f"{plain(path)}  {counts['num_queries']} queries: {counts['num_located']} with right spans,"
        f" {counts['num_absent']} absent, {counts['num_unknown']} with wrong spans only",
        soft_wrap=True,
    )
    if dataset.left_out:
        say(f"{len(dataset.left_out)} marks are left out: the library does not hold their videos")


def _counts(dataset: "JudgedDataset") -> dict[str, int]:
    return {
        "num_queries": len(dataset.rows),
        "num_located": dataset.num_located,
        "num_absent": dataset.num_absent,
        "num_unknown": dataset.num_unknown,
    }


def chosen_marks(
    library: "CinedexLibrary",
    query: str | None,
    videos: Sequence[str] | None,
    span: tuple[str, str] | None,
    beside: "Scope",
) -> "list[Mark]":
    """Choose marks by what the options name: all of it must fit."""
    from cinedex.judging.choosing import choose

    marks = library.marks()
    return choose(
        marks,
        query=query,
        video_ids=[_video_id(library, name, marks) for name in videos or ()],
        span=None if span is None else span_between(*span),
        beside=beside,
    )


def list_marks(library: "CinedexLibrary", marks: "Sequence[Mark]", *, as_json: bool) -> None:
    """Write marks, by query."""
    from cinedex.judging.judged_query import judged_queries
    from cinedex.scope_wording import scope_text

    titles = _titles(library)
    if as_json:
        print_json({"marks": [_document(mark, titles) for mark in marks]})
        return
    for judged in judged_queries(marks):
        place = scope_text(judged.scope)
        results().print(plain(judged.query) + (f"  ({plain(place)})" if place else ""))
        for mark in judged.marks:
            results().print(f"   {_line(mark, titles)}", soft_wrap=True)
    if not marks:
        say("nothing is judged")


def remove_marks(library: "CinedexLibrary", marks: "Sequence[Mark]", *, as_json: bool) -> None:
    """Take marks back."""
    if not marks:
        say("nothing is judged that fits")
        raise typer.Exit(NOTHING_FOUND)
    num_removed = library.remove_marks(marks)
    if as_json:
        titles = _titles(library)
        print_json({"removed": [_document(mark, titles) for mark in marks]})
    else:
        results().print(f"{num_removed} marks taken back", soft_wrap=True)


def span_between(start: str, end: str) -> "TimeSpan":
    """Read a span as it is typed.

    Raises:
        QueryError: A bound is no time, or the end is not after the start.
    """
    from retriever.filters import seconds_of
    from store.timespan import TimeSpan

    bounds = seconds_of(start), seconds_of(end)
    if bounds[0] >= bounds[1]:
        raise QueryError(f"a span ends after it starts, got {start} to {end}")
    return TimeSpan(*bounds)


def _video_id(library: "CinedexLibrary", name: str, marks: "Sequence[Mark]") -> str:
    """Find a video that is meant, also one that only marks remember, by its id."""
    try:
        return library.store.video(name).video_id
    except UnknownNameError:
        remembered = {mark.video_id for mark in marks if mark.video_id is not None}
        fitting = [video_id for video_id in remembered if video_id.startswith(name)]
        if len(name) < LEAST_ID_CHARACTERS or len(fitting) != 1:
            raise
        return fitting[0]


def _titles(library: "CinedexLibrary") -> dict[str, str]:
    return {video.video_id: video.title for video in library.videos()}


def _document(mark: "Mark", titles: Mapping[str, str]) -> dict[str, Any]:
    return {"title": titles.get(mark.video_id or ""), **to_plain(mark)}


def _line(mark: "Mark", titles: Mapping[str, str]) -> str:
    from store.records import SHORT_ID_CHARACTERS

    parts = [f"{mark.verdict:<6}"]
    if mark.video_id is not None and mark.span is not None:
        title = titles.get(mark.video_id, "not in the library")
        parts += [span_text(mark.span), plain(title), mark.video_id[:SHORT_ID_CHARACTERS]]
    parts.append(f"{mark.marked_at:%Y-%m-%d}")
    return "  ".join([*parts, *([plain(mark.note)] if mark.note else [])])
