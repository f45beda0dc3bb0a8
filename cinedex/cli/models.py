"""``cinedex models``: which weights there are, fetch them, check them, convert them."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import typer

from cinedex.cli.options import JsonOption, OfflineOption, ProfileOption, settings_for
from cinedex.cli.output import complain, plain, print_json, results, size_text, table

models = typer.Typer(help="List, fetch, check and convert model weights.", no_args_is_help=True)

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Models; all of the profile in force where none is named."),
]

SourceArgument = Annotated[
    str,
    typer.Argument(
        help="Folder of a VideoMind checkpoint, or owner/name@COMMIT of a model hub.",
        metavar="SOURCE",
    ),
]
TargetArgument = Annotated[Path, typer.Argument(help="Folder to write; nothing is there yet.")]
BaseOption = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="PLACE",
        help="Its base model, likewise; by default where the checkpoint says.",
    ),
]


@models.command("list")
def list_models(
    context: typer.Context, profile: ProfileOption = None, as_json: JsonOption = False
) -> None:
    """List the models and say which are here."""
    from cinedex import weights
    from cinedex.checkpoints import NamedCheckpoints

    settings = settings_for(context, profile=profile)
    statuses = weights.list_models(settings)
    checkpoints = NamedCheckpoints(weights.load_profile(settings.profile), offline=True).places()
    if as_json:
        print_json(
            {
                "root": weights.weights_root(settings),
                "profile": settings.profile,
                "models": statuses,
                "checkpoints": checkpoints,
            }
        )
        return
    rows = table("model", "role", ">size", "licence", "state", "in profile")
    for status in statuses:
        model = status.model
        rows.add_row(
            model.name,
            model.role,
            size_text(model.num_bytes),
            model.licence,
            "here" if status.is_present else "missing",
            settings.profile if status.in_profile else "-",
        )
    for place, folder in checkpoints.items():
        state = "missing" if folder is None else "here"
        rows.add_row(place, "checkpoint", "-", "-", state, settings.profile)
    results().print(rows)


@models.command("pull")
def pull(
    context: typer.Context,
    names: NamesArgument = None,
    profile: ProfileOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch what is missing."""
    from cinedex import weights
    from cinedex.checkpoints import NamedCheckpoints
    from cinedex.cli.pulling import pulling

    settings = settings_for(context, profile=profile, offline=offline)
    wanted = names or weights.profile_models(settings)
    with pulling() as on_progress:
        paths = weights.pull(wanted, settings=settings, on_progress=on_progress)
    found = dict(zip(wanted, paths, strict=True))
    if not names:
        named = NamedCheckpoints(weights.load_profile(settings.profile), settings.offline)
        found |= named.fetch()
    if as_json:
        print_json({"models": found})
        return
    for name, path in found.items():
        results().print(f"{name}  {plain(path)}", soft_wrap=True)


@models.command("verify")
def verify(
    context: typer.Context,
    names: NamesArgument = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute the digests of what is here, and account for every tensor of checkpoints."""
    from cinedex import weights
    from cinedex.checkpoints import NamedCheckpoints
    from store.errors import WeightsError

    settings = settings_for(context, profile=profile)
    verdicts: dict[str, str] = {}
    for name in names or weights.profile_models(settings):
        try:
            weights.verify([name], settings=settings)
            verdicts[name] = ""
        except WeightsError as error:
            verdicts[name] = str(error)
            complain(error)
    faults: Mapping[str, str] = {}
    missing: set[str] = set()
    if not names:
        named = NamedCheckpoints(weights.load_profile(settings.profile), offline=True)
        faults = named.check()
        missing = {place for place, folder in named.places().items() if folder is None}
        for fault in filter(None, faults.values()):
            complain(fault)
    if as_json:
        said = {"models": verdicts, "checkpoints": faults}
        print_json(
            {
                kind: [{"name": name, "error": error} for name, error in found.items()]
                for kind, found in said.items()
            }
        )
    else:
        _say("as pinned", verdicts)
        _say("every tensor accounted for", faults, missing)
    if any(verdicts.values()) or any(faults.values()):
        raise typer.Exit(WeightsError.exit_code)


def _say(praise: str, verdicts: Mapping[str, str], missing: Collection[str] = ()) -> None:
    for name, error in verdicts.items():
        verdict = "missing" if name in missing else f"{'not ' if error else ''}{praise}"
        results().print(f"{plain(name)}  {verdict}", soft_wrap=True)


@models.command("convert")
def convert(
    context: typer.Context,
    source: SourceArgument,
    target: TargetArgument,
    base: BaseOption = None,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rewrite a VideoMind checkpoint for today's libraries, smaller where it repeats its base."""
    from reasoner.videomind.checkpoints import conversion
    from reasoner.videomind.checkpoints.place import locate

    is_offline = settings_for(context, offline=offline).offline
    done = conversion.convert(
        locate(source, offline=is_offline),
        target,
        locate(base, offline=is_offline) if base is not None else None,
    )
    if as_json:
        print_json(done)
        return
    rows = table("role", ">tensors", ">before", ">after", "whole matrices")
    for role in done.roles:
        rows.add_row(
            role.role,
            str(role.num_tensors),
            size_text(role.source_bytes),
            size_text(role.num_bytes),
            ", ".join(
                f"{matrix.name}: {matrix.num_changed_rows} of {matrix.num_rows} rows"
                if matrix.is_delta
                else f"{matrix.name}: kept whole"
                for matrix in role.matrices
            )
            or "-",
        )
    results().print(rows)
    results().print(f"{plain(done.folder)}  on {plain(done.base)}", soft_wrap=True)
