"""``cinedex train``: teach a role of a VideoMind checkpoint."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cinedex.cli.options import JsonOption, OfflineOption, ProfileOption, settings_for
from cinedex.cli.output import plain, print_json, results, say
from store.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from cinedex.config import Settings
    from cinedex.weights.profile import SeeingModel
    from reasoner.answer import Role
    from reasoner.videomind.options import BackboneOptions
    from reasoner.videomind.training.lessons import FrameRate
    from reasoner.videomind.training.options import TrainingOptions
    from reasoner.videomind.training.trainer import StepReport, TrainingReport

AUTO = "auto"


def train(
    context: typer.Context,
    role: Annotated[
        str, typer.Argument(help="planner, grounder, verifier or answerer.", metavar="ROLE")
    ],
    data: Annotated[Path, typer.Option("--data", help="Examples: JSON Lines, docs/TRAINING.md.")],
    output: Annotated[Path, typer.Option("--output", help="Folder to make; nothing is there yet.")],
    checkpoint: Annotated[
        str | None,
        typer.Option(
            "--checkpoint",
            metavar="PLACE",
            help="Folder of a checkpoint or base model, or owner/name@COMMIT of a model hub.",
        ),
    ] = None,
    profile: ProfileOption = None,
    base: Annotated[
        str | None, typer.Option("--base", help="Its base model, where it is elsewhere.")
    ] = None,
    videos: Annotated[
        Path | None, typer.Option("--videos", help="Folder of the videos; by default the data's.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", min=1, help="Steps, in place of --epochs.")
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Rounds over the data.")] = 1,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Examples read at once.")] = 1,
    accumulate: Annotated[int, typer.Option("--accumulate", min=1, help="Batches a step.")] = 32,
    learning_rate: Annotated[
        float | None, typer.Option("--lr", help="Highest learning rate; by default the role's.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is drawn.")] = 0,
    rank: Annotated[int, typer.Option("--rank", min=1, help="Of the LoRA factors.")] = 64,
    save_every: Annotated[
        int, typer.Option("--save-every", min=1, help="Steps between savings of a run.")
    ] = 100,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda or cuda:N.")] = AUTO,
    precision: Annotated[
        str, typer.Option("--precision", help="Of the base: auto, bfloat16 or float32.")
    ] = AUTO,
    offline: OfflineOption = False,
    as_json: JsonOption = False,
) -> None:
    """Teach a role; the same command goes on where an interrupted run was saved."""
    settings = settings_for(context, offline=offline, profile=profile)
    chosen = _role(role)
    source = _source(settings, checkpoint, profile)
    options = _options(
        epochs=epochs,
        steps=steps,
        batch=batch,
        accumulate=accumulate,
        learning_rate=learning_rate,
        seed=seed,
        rank=rank,
        save_every=save_every,
    )
    where = _where(source, device, precision)
    from indexer.media.random_access import RandomAccessFrames
    from reasoner.videomind.checkpoints.checkpoint import open_checkpoint
    from reasoner.videomind.checkpoints.place import locate
    from reasoner.videomind.training import trainer

    if source.checkpoint is not None:
        base = base or source.base
    folder = locate(str(source.checkpoint or source.base), offline=settings.offline)
    elsewhere = None if base is None else locate(base, offline=settings.offline)
    course = trainer.Course(chosen, data, open_checkpoint(folder, elsewhere), output, videos)
    report = trainer.train(course, RandomAccessFrames(), _frame_rate(), options, where, _tell)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _role(name: str) -> "Role":
    from reasoner.answer import Role

    try:
        return Role(name)
    except ValueError as error:
        raise UnknownNameError(f"no role {name!r}; there are {', '.join(Role)}") from error


def _source(settings: "Settings", checkpoint: str | None, profile: str | None) -> "SeeingModel":
    from cinedex.weights.profile import SeeingModel, load_profile

    if checkpoint is not None and profile is not None:
        raise ConfigError("--checkpoint and --profile both name a model; give one of them")
    if checkpoint is not None:
        return SeeingModel(checkpoint)
    seeing = load_profile(settings.profile).videomind
    if seeing is None:
        raise ConfigError(
            f"profile {settings.profile} has no [videomind] checkpoint to train; name one "
            "with --checkpoint, or a profile that has one"
        )
    return seeing


def _options(**chosen: Any) -> "TrainingOptions":
    from reasoner.videomind.training.options import TrainingOptions

    try:
        return TrainingOptions(**chosen)
    except ValueError as error:
        raise ConfigError(f"{error}; correct the option") from error


def _where(source: "SeeingModel", device: str, precision: str) -> "BackboneOptions":
    """Let the options go before what the profile says."""
    from reasoner.videomind.options import BackboneOptions

    try:
        return BackboneOptions(
            source.device if device == AUTO else device,
            source.precision if precision == AUTO else precision,
        )
    except ValueError as error:
        raise ConfigError(f"{error}; correct the option") from error


def _frame_rate() -> "FrameRate":
    """Look up the frame rate of each video once, as indexing would record it."""
    from indexer.media import probe

    @cache
    def rate(path: Path) -> float | None:
        found = probe(path).frame_rate
        return None if found is None else float(found)

    return rate


def _tell(step: "StepReport") -> None:
    for reason in step.skipped:
        say(f"left out: {reason}")
    say(
        f"step {step.step} of {step.num_steps}: loss {step.loss:.4f}, "
        f"learning rate {step.learning_rate:.2e}"
    )


def _show(report: "TrainingReport") -> None:
    console = results()
    console.print(
        f"{report.role}: {report.num_steps} steps over {report.num_examples} examples, "
        f"loss {report.losses[0]:.4f} at first, {report.losses[-1]:.4f} at last",
        soft_wrap=True,
    )
    if report.skipped:
        console.print(f"{len(report.skipped)} examples could not be read", soft_wrap=True)
    console.print(plain(report.folder), soft_wrap=True)
