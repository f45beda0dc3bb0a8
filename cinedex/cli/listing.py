"""``cinedex list``: what a library holds."""

import typer

from cinedex.cli.options import JsonOption, LibraryOption, open_with
from cinedex.cli.output import plain, print_json, results, say, table, timecode


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
            plain(video.audio_codec or "-"),
            plain(video.path),
        )
    results().print(rows)
