"""``cinedex calibrate``: learn from one's own marks how far a moment is to be believed."""

from typing import Annotated

import typer

from cinedex.cli.counting import Counting
from cinedex.cli.options import JsonOption, LibraryOption, OfflineOption, ProfileOption, open_with
from cinedex.cli.output import print_json, say


def calibrate(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Keep the fit though it tells no better.")
    ] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to the calibration that is shipped.")
    ] = False,
    profile: ProfileOption = None,
    library: LibraryOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Fit the probability of a moment to what was marked with `cinedex judge`."""
    from cinedex.serialise import to_plain

    with open_with(context, library=library, offline=offline, profile=profile) as opened:
        if reset:
            was_there = opened.forget_calibration()
            if as_json:
                print_json({"is_reset": was_there})
            else:
                say("the shipped calibration is used" + ("" if was_there else ", as before"))
            return
        with Counting("searching what was marked", of="queries") as count:
            made, is_kept = opened.calibrate(force=force, on_queries=count)
    if as_json:
        print_json({"is_kept": is_kept, **to_plain(made)})
        return
    say(
        f"{made.num_moments} marked moments of {made.num_queries} queries; squared error on "
        f"queries left out: {made.brier_before:.3f} before, {made.brier_after:.3f} fitted"
    )
    if made.keeps_thresholds:
        say(
            f"{made.num_absent} queries without an answer are marked: too few to choose anew "
            "from which probability on a moment is believed"
        )
    say("kept: searches of this library use it" if is_kept else "not kept: it tells no better")
