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
        num_marks = sum(mark.video_id == video.video_id for mark in opened.marks())
    if as_json:
        print_json({"removed": video, "num_marks_kept": num_marks})
        return
    say(f"removed {video.title} ({video.short_id}); {video.path} was left alone")
    if num_marks:
        stay = "mark of searches stays" if num_marks == 1 else "marks of searches stay"
        say(f"{num_marks} {stay}; cinedex judge --remove --video {video.short_id} takes them back")
