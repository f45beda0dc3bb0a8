"""``cinedex list``: what a library holds."""

from itertools import groupby
from typing import TYPE_CHECKING

import typer

from cinedex.cli.options import JsonOption, LibraryOption, open_with
from cinedex.cli.output import plain, print_json, results, say, table
from cinedex.wording import timecode

if TYPE_CHECKING:
    from store.records import Video

UNHEARD_MARK = "!"


def list_videos(
    context: typer.Context, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """List the videos of the library."""
    with open_with(context, library=library) as opened:
        videos, root = opened.videos(), opened.store.root
    if as_json:
        print_json({"library": root, "videos": videos})
        return
    if not videos:
        say(f"{root} holds no videos yet; `cinedex index PATH` adds some")
        return
    from rich.text import Text

    from store.unheard import unheard_reason

    rows = table("id", "title", ">length", "picture", "sound", "path")
    for video in videos:
        picture = (
            f"{video.width_pixels}x{video.height_pixels} {video.video_codec}"
            if video.video_codec
            else "-"
        )
        rows.add_row(
            video.short_id,
            plain(video.title),
            timecode(video.duration_seconds),
            plain(picture),
            plain(video.audio_codec or "-") + (UNHEARD_MARK if unheard_reason(video) else ""),
            plain(video.path),
        )
    results().print(rows)
    for note in _unheard_notes(videos):
        results().print(Text(note), soft_wrap=True)


def _unheard_notes(videos: "list[Video]") -> list[str]:
    """Say once for each reason in how many videos speech was not heard, or not all of it."""
    from store.unheard import PARTLY, unheard_reason

    reasons = sorted(filter(None, map(unheard_reason, videos)))
    return [
        f"{UNHEARD_MARK} speech {'partly' if reason.startswith(PARTLY) else 'not'} heard in "
        f"{len(list(same))}: {plain(reason.removeprefix(PARTLY))}"
        for reason, same in groupby(reasons)
    ]
