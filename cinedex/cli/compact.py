"""``cinedex compact``: make the vectors quick to open and search."""

from typing import Annotated

import typer

from cinedex.cli.counting import Counting
from cinedex.cli.options import JsonOption, LibraryOption, open_with
from cinedex.cli.output import print_json, say, size_text


def compact(
    context: typer.Context,
    quantise: Annotated[
        bool,
        typer.Option(
            "--quantise",
            help="Keep vectors in a quarter of the space, if that finds 0.95 of what they find.",
        ),
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the vector index up to date; `index` does so by itself when much has changed."""
    with open_with(context, library=library) as opened:
        before = opened.store.disk_bytes()
        with Counting("compacting vectors") as count:
            opened.store.compact(count, is_forced=True)
        if quantise:
            opened.store.quantise()
        after = opened.store.disk_bytes()
    if as_json:
        print_json({"bytes_before": before, "bytes_after": after})
    else:
        say(f"the library took {size_text(before)} and takes {size_text(after)}")
