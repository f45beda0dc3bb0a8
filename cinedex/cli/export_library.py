"""``cinedex export-library``: the library, or some of its videos, in one file."""

from pathlib import Path
from typing import Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, VideoOption, open_with
from cinedex.cli.output import plain, print_json, results, size_text


def export_library(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
    video: VideoOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the library into one file that any machine can import; media files stay behind."""
    from cinedex.cli.counting import Counting

    with (
        open_with(context, library=library) as opened,
        Counting("exporting", of="videos") as on_videos,
    ):
        manifest = opened.export_library(
            file, videos=video or None, overwrite=force, on_videos=on_videos
        )
        root = opened.store.root
    num_bytes = file.expanduser().stat().st_size
    if as_json:
        print_json(
            {"library": root, "archive": file, "num_bytes": num_bytes, "counts": manifest.counts}
        )
        return
    counts = ", ".join(f"{number} {what}" for what, number in manifest.counts.items())
    results().print(f"{plain(file)}  {size_text(num_bytes)}  {counts}", soft_wrap=True)
