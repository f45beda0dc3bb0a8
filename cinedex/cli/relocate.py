"""``cinedex relocate``: the library's word for where media lie, after folders were moved."""

from typing import TYPE_CHECKING, Annotated

import typer

from cinedex.cli.options import MAP_PATH_HELP, JsonOption, LibraryOption, open_with
from cinedex.cli.output import plain, print_json, results

if TYPE_CHECKING:
    from store.relocating import MovedPath


def relocate(
    context: typer.Context,
    map_path: Annotated[list[str], typer.Option("--map-path", help=MAP_PATH_HELP)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and change nothing.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the library that folders of media were moved; no media file is touched."""
    with open_with(context, library=library) as opened:
        moved = opened.relocate(map_path, dry_run=dry_run)
        root = opened.store.root
    there = [path.is_there for path in moved]
    num_videos = len({path.video_id for path in moved})
    if as_json:
        paths = [
            {"video_id": path.video_id, "old": path.old, "new": path.new, "is_there": is_there}
            for path, is_there in zip(moved, there, strict=True)
        ]
        print_json(
            {"library": root, "is_dry_run": dry_run, "num_videos": num_videos, "paths": paths}
        )
        return
    _show(moved, there)
    results().print(
        f"{num_videos} videos {'would change' if dry_run else 'changed'}; "
        f"{sum(there)} of {len(there)} new paths are there",
        soft_wrap=True,
    )


def _show(moved: "list[MovedPath]", there: list[bool]) -> None:
    for path, is_there in zip(moved, there, strict=True):
        state = "" if is_there else "  (nothing there)"
        results().print(f"{plain(path.old)}  ->  {plain(path.new)}{state}", soft_wrap=True)
