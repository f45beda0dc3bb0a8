"""``cinedex show``: one video, what stands for it, its clips and what is known about them."""

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, open_with
from cinedex.cli.output import frame_rate_text, plain, print_json, results, size_text, table
from cinedex.cli.search import shortened
from cinedex.wording import span_text, timecode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from store.records import Clip, Evidence, Summary, Video

NameArgument = Annotated[
    str, typer.Argument(help="Id, beginning of an id, path or title of a video.")
]


def show(
    context: typer.Context,
    name: NameArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is known about one video."""
    with open_with(context, library=library) as opened:
        video, clips, evidence = opened.show(name)
        summaries = opened.summaries(video.video_id)
    if as_json:
        found = {"video": video, "summaries": summaries, "clips": clips, "evidence": evidence}
        print_json(found)
    else:
        show_found(video, summaries, clips, evidence)


def show_found(
    video: "Video", summaries: "list[Summary]", clips: "list[Clip]", evidence: "list[Evidence]"
) -> None:
    """Write what is known of a video for people."""
    _show_video(video)
    _show_summaries(summaries)
    _show_clips(clips, evidence)


def _show_video(video: "Video") -> None:
    from rich.text import Text

    console = results()
    console.print(Text(plain(video.title), style="bold"), soft_wrap=True)
    facts = {
        "id": video.video_id,
        "path": plain(video.path),
        "series": plain(_series(video)),
        "year": str(video.year or ""),
        "length": timecode(video.duration_seconds),
        "starts at": plain(video.start_timecode or ""),
        "size": size_text(video.file_bytes),
        "picture": plain(_picture(video)),
        "sound": plain(video.audio_codec or "none"),
        "language": plain(video.language or "not stated"),
    }
    for name, fact in facts.items():
        if fact:
            console.print(Text.assemble((f"{name:>9}  ", "dim"), fact), soft_wrap=True)
    for skip in video.skips:
        console.print(
            Text(f"  skipped  {skip.stage}: {plain(skip.reason)}", style="dim"), soft_wrap=True
        )


def _series(video: "Video") -> str:
    numbers = (("season", video.season), ("episode", video.episode))
    parts = [f"{name} {number}" for name, number in numbers if number is not None]
    return ", ".join(filter(None, [video.series, *parts]))


def _picture(video: "Video") -> str:
    if not video.video_codec:
        return "none"
    rate = f", {frame_rate_text(video.frame_rate)}" if video.frame_rate else ""
    return f"{video.width_pixels}x{video.height_pixels}, {video.video_codec}{rate}"


def _show_summaries(summaries: "list[Summary]") -> None:
    if not summaries:
        return
    whole, *scenes = summaries
    rows = table(">scene", "span", "kind", "text")
    rows.add_row("all", span_text(whole.span))
    _add_facts(rows, whole.evidence)
    for scene in scenes if len(scenes) > 1 else ():  # a single one is the video
        rows.add_row(str(scene.ordinal), span_text(scene.span))
        _add_facts(rows, scene.evidence)
    results().print(rows)


def _show_clips(clips: "list[Clip]", evidence: "list[Evidence]") -> None:
    ordered = sorted(evidence, key=lambda fact: (fact.clip_ordinal, fact.span))
    by_clip = {
        ordinal: list(facts)
        for ordinal, facts in groupby(ordered, key=lambda fact: fact.clip_ordinal)
    }
    has_several_languages = len({fact.language for fact in evidence if fact.language}) > 1
    columns = ("language", "text") if has_several_languages else ("text",)
    rows = table(">clip", "span", "kind", *columns)
    for clip in clips:
        rows.add_row(str(clip.ordinal), span_text(clip.span))
        facts = by_clip.get(clip.ordinal, [])
        _add_facts(rows, facts, has_language=has_several_languages)
    results().print(rows)


def _add_facts(rows: "Table", facts: "Sequence[Evidence]", *, has_language: bool = False) -> None:
    for fact in facts:
        language = (plain(fact.language or ""),) if has_language else ()
        rows.add_row("", span_text(fact.span), fact.kind, *language, shortened(_words(fact)))


def _words(fact: "Evidence") -> str:
    return f"{fact.speaker}: {fact.text}" if fact.speaker else fact.text
