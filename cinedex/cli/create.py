"""``cinedex create``: make a library whose catalogue or vectors lie elsewhere than usual."""

from typing import Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, settings_for
from cinedex.cli.output import print_json, say


def create(
    context: typer.Context,
    library: LibraryOption = None,
    catalogue: Annotated[
        str | None,
        typer.Option(
            "--catalogue",
            metavar="URL",
            help="Keep the catalogue in this PostgreSQL database: postgresql://user@host/name. "
            "The password belongs into ~/.pgpass. The default is a file in the library.",
        ),
    ] = None,
    vectors: Annotated[
        str,
        typer.Option(
            "--vectors",
            metavar="[files|pgvector]",
            help="Search vectors in files in the library, or in the PostgreSQL database.",
        ),
    ] = "files",
    as_json: JsonOption = False,
) -> None:
    """Make an empty library; `index` makes one by itself where the defaults will do."""
    root = settings_for(context, library=library).library
    from store.layout import LibrarySettings
    from store.library import Library

    with Library.create(root, settings=LibrarySettings(catalogue, vectors)) as made:
        where = {"library": str(root), "catalogue": made.place, "vectors": vectors}
    if as_json:
        print_json(where)
    else:
        held = "in its database" if vectors == "pgvector" else "in files beside it"
        say(f"a library is at {root}; catalogue: {made.place}; vectors: {held}")
