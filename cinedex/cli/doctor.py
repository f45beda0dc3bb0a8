"""``cinedex doctor``: is everything here that is needed, and which settings are in force."""

from typing import Annotated

import typer

from cinedex.cli.options import JsonOption, LibraryOption, settings_for
from cinedex.cli.output import plain, print_json, results, table


def doctor(
    context: typer.Context,
    library: LibraryOption = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute the digests of the weights.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the machine, the library and the weights; show the settings in force."""
    from cinedex.checks import run_checks, settings_in_force, worst_exit_code

    settings = settings_for(context, library=library)
    checks = run_checks(settings, verify=verify)
    in_force = settings_in_force(settings)
    if as_json:
        print_json({"checks": checks, "settings": in_force})
    else:
        rows = table("check", "", "found")
        for check in checks:
            rows.add_row(check.name, check.state, plain(check.found))
        values = table("setting", "value", "from")
        for setting in in_force:
            values.add_row(setting.name, plain(setting.value), plain(setting.origin))
        results().print(rows)
        results().print(values)
    raise typer.Exit(worst_exit_code(checks))
