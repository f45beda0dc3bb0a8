"""Which models are used together: profiles, those that ship with cinedex and users' own."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from cinedex.config import read_toml
from cinedex.weights.registry import PACKAGE, load_models
from reasoner.videomind.options import BackboneOptions
from store.devices import check_device_name
from store.errors import ConfigError, UnknownNameError


@dataclass(frozen=True, slots=True)
class SeeingModel:
    """A model that sees: a VideoMind checkpoint, or its base model alone.

    Attributes:
        checkpoint: What answers questions from pixels, as a folder or ``owner/name@COMMIT`` on the
            model hub; ``None`` where text alone does.
        base: The base model, likewise, where it is elsewhere than the checkpoint says.
        device: As torch names it, or ``auto``.
        precision: ``auto``, ``bfloat16``, ``float16`` or ``float32``.
        captions: Whether its base model writes the captions when videos are indexed.
    """

    checkpoint: str | None = None
    base: str | None = None
    device: str = "auto"
    precision: str = "auto"
    captions: bool = False

    def __post_init__(self) -> None:
        BackboneOptions(self.device, self.precision)
        if not isinstance(self.captions, bool):
            raise ValueError(f"captions is true or false, got {self.captions!r}")
        if self.checkpoint is None and self.base is None:
            raise ValueError("[videomind] names neither checkpoint nor base")


@dataclass(frozen=True, slots=True)
class PictureSpace:
    """A SigLIP checkpoint whose two towers put pictures and queries into one space.

    Attributes:
        checkpoint: Folder, or ``owner/name@COMMIT`` on the model hub.
        device: As torch names it, or ``auto``.
    """

    checkpoint: str = ""
    device: str = "auto"

    def __post_init__(self) -> None:
        if not self.checkpoint:
            raise ValueError("[pictures] names no checkpoint")
        check_device_name(self.device)


_Named = TypeVar("_Named", SeeingModel, PictureSpace)


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of models, by role.

    Attributes:
        videomind: What answers questions from pixels; ``None`` where text alone does.
        pictures: Space of pictures; ``None`` where labels stand for them.
    """

    name: str
    models: Mapping[str, str]
    videomind: SeeingModel | None = None
    pictures: PictureSpace | None = None

    def model_for(self, role: str) -> str:
        """Return the model of a role.

        Raises:
            UnknownNameError: The profile has no model for it.
        """
        if role not in self.models:
            raise UnknownNameError(
                f"profile {self.name} has no model for {role!r}; it has {', '.join(self.models)}"
            )
        return self.models[role]


def profile_names() -> tuple[str, ...]:
    """List the profiles that ship with cinedex."""
    return tuple(sorted(path.stem for path in (PACKAGE / "profiles").glob("*.toml")))


def load_profile(name: str) -> Profile:
    """Read a profile that ships with cinedex, or one of the user's.

    Args:
        name: Of a profile, or path of a TOML file. That may name another profile which it
            ``extends``, models in ``[roles]``, and checkpoints in ``[videomind]`` and
            ``[pictures]``, whose folders count from the file's own.

    Raises:
        UnknownNameError: There is no such profile; the message lists those there are.
        ConfigError: The file is not what a profile looks like.
    """
    path = Path(name).expanduser() if name.endswith(".toml") else None
    if path is None and name in profile_names():
        path = PACKAGE / "profiles" / f"{name}.toml"
    if path is None or not path.is_file():
        raise UnknownNameError(
            f"no profile {name!r}; there are {', '.join(profile_names())}, "
            "or name a file that ends in .toml"
        )
    table = read_toml(path)
    try:
        return _read(name, table, path)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path} is no profile: {error}; correct the file") from error


def _read(name: str, table: Mapping[str, Any], path: Path) -> Profile:
    _check_keys(table, ("extends", "roles", "videomind", "pictures"), "")
    roles = table.get("roles", {})
    _check_keys(roles, sorted({model.role for model in load_models().values()}), "roles")
    extended = table.get("extends")
    if extended is not None and extended not in profile_names():
        raise ConfigError(
            f"{path} extends {extended!r}; it may extend one of {', '.join(profile_names())}"
        )
    parent = Profile(name, {}) if extended is None else load_profile(extended)
    return Profile(
        name,
        {**parent.models, **roles},
        _named(SeeingModel, parent.videomind, table, "videomind", path.parent),
        _named(PictureSpace, parent.pictures, table, "pictures", path.parent),
    )


def _check_keys(table: object, known: Sequence[str], name: str) -> None:
    """Refuse what would otherwise be passed over, such as a name with a letter too few."""
    if not isinstance(table, dict):
        raise ValueError(f"{name} is no table; write [{name}] on a line of its own")
    unknown = [key for key in table if key not in known]
    if unknown:
        place = f"in [{name}]" if name else "at the top"
        raise ValueError(f"unknown {', '.join(unknown)} {place}, where {', '.join(known)} may be")


def _named(
    kind: type[_Named],
    extended: _Named | None,
    profile: Mapping[str, Any],
    name: str,
    folder: Path,
) -> _Named | None:
    """Read what a table of a profile says, over what the extended profile says."""
    if name not in profile:
        return extended
    table = profile[name]
    _check_keys(table, [field.name for field in fields(kind)], name)
    said: dict[str, Any] = {
        key: _place(value, folder) if key in ("checkpoint", "base") else value
        for key, value in table.items()
    }
    return kind(**said) if extended is None else replace(extended, **said)


def _place(checkpoint: object, folder: Path) -> str:
    if not isinstance(checkpoint, str):
        raise ValueError(f"a checkpoint is named in quotation marks, got {checkpoint!r}")
    beside = folder / os.path.expanduser(checkpoint)
    return str(beside) if beside.is_dir() else checkpoint
