"""``cinedex remove``: take a video out of the library."""

import typer

from cinedex.cli.options import JsonOption, LibraryOption, open_with
from cinedex.cli.output import print_json, say
from cinedex.cli.show import NameArgument


def remove(
    context: typer.Context,
    name: NameArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a video out of the library; the media file is left alone."""
    with open_with(context, library=library) as opened:
        video = opened.remove(name)
    if as_json:
        print_json({"removed": video})
    else:
        say(f"removed {video.title} ({video.short_id}); {video.path} was left alone")
