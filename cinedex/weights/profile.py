"""Which models are used together: profiles, those that ship with cinedex and users' own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from cinedex.config import read_toml
from cinedex.weights.registry import PACKAGE
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

    checkpoint: str
    device: str = "auto"


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
    extended = table.get("extends")
    if extended is not None and extended not in profile_names():
        raise ConfigError(
            f"{path} extends {extended!r}; it may extend one of {', '.join(profile_names())}"
        )
    parent = Profile(name, {}) if extended is None else load_profile(extended)
    try:
        return Profile(
            name,
            {**parent.models, **table.get("roles", {})},
            _named(SeeingModel, parent.videomind, table.get("videomind"), path.parent),
            _named(PictureSpace, parent.pictures, table.get("pictures"), path.parent),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is no profile: {error!r}; correct the file") from error


def _named(
    kind: type[_Named], extended: _Named | None, table: Mapping[str, Any] | None, folder: Path
) -> _Named | None:
    """Read what a table says, over what the extended profile says."""
    if table is None:
        return extended
    said: dict[str, Any] = {
        key: _place(value, folder) if key in ("checkpoint", "base") else value
        for key, value in table.items()
    }
    return kind(**said) if extended is None else replace(extended, **said)


def _place(checkpoint: str, folder: Path) -> str:
    beside = folder / os.path.expanduser(checkpoint)
    return str(beside) if beside.is_dir() else checkpoint
