"""Settings: defaults < ``cinedex.toml`` < ``CINEDEX_*`` environment < flags.

The only place that reads TOML and the environment, so that every other file takes frozen values and
can be tested with any of them.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from store.errors import ConfigError

FILE_NAME = "cinedex.toml"
PREFIX = "CINEDEX_"
HUB_OFFLINE = "HF_HUB_OFFLINE"
RESERVED = frozenset({"REQUIRE", "FOOTAGE", "GOLDEN", "ORACLES", "WEIGHTS"})
"""Names after ``CINEDEX_`` that tests and benchmarks read; they are no settings and no mistakes."""

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})
SPEECH_MODES = ("off", "gaps", "all")


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


LEAST_FALSE_ANSWERS = 0.05
"""The lowest rate that the shipped calibration has a threshold for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force.

    Attributes:
        library: Directory of the library that is used where none is named.
        cache: Where weights are kept.
        profile: Named set of models.
        offline: Never touch the network.
        threads: Cores that models may use.
        speech: Where speech is recognised: ``off``, ``gaps`` that subtitles leave, or ``all``.
        speech_gap_seconds: A longer time without a subtitle is a gap.
        screen_text: Read text in pictures.
        shot_detector: Name of what finds cuts, fades and dissolves.
        fast: Look at key frames only where they come often enough; no shots are found then.
        language: ISO 639-1 code of the sound, overriding what files say; ``None`` believes them.
        search_k: Moments that a search returns.
        false_answers: Share of the searches for what is not there that may seem to have found it;
            1 believes whatever is found.
        origins: Setting to where its value comes from; a setting that is not there has its default.

    Raises:
        ConfigError: A value is out of range.
    """

    library: Path = field(default_factory=lambda: _data_home() / "cinedex" / "library")
    cache: Path = field(default_factory=lambda: _cache_home() / "cinedex")
    profile: str = "pocket"
    offline: bool = False
    threads: int = field(default_factory=_usable_cores)
    speech: str = "gaps"
    speech_gap_seconds: float = 30.0
    screen_text: bool = True
    fast: bool = False
    shot_detector: str = "joined"
    language: str | None = None
    search_k: int = 5
    false_answers: float = 0.2
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for name in ("threads", "search_k"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.speech not in SPEECH_MODES:
            raise ConfigError(
                f"speech must be one of {', '.join(SPEECH_MODES)}, not {self.speech!r}"
            )
        if not 0 <= self.speech_gap_seconds < float("inf"):
            raise ConfigError(
                f"speech_gap_seconds must be 0 or more, got {self.speech_gap_seconds}"
            )
        if not LEAST_FALSE_ANSWERS <= self.false_answers <= 1:
            raise ConfigError(
                f"false_answers must be from {LEAST_FALSE_ANSWERS} to 1, got {self.false_answers}: "
                "no lower rate was measured, and 1 believes whatever is found"
            )
        if self.language is not None and not re.fullmatch("[a-z]{2,3}", self.language):
            raise ConfigError(
                f"language must be a code of two or three letters such as en, not {self.language!r}"
            )

    def origin(self, name: str) -> str:
        """Say where a setting's value comes from."""
        return self.origins.get(name, "default")


NAMES = tuple(setting.name for setting in fields(Settings) if setting.name != "origins")


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values from one place, not parsed yet.

    Attributes:
        origin: Name of the place; for the environment and flags a prefix of the key.
        folder: What relative paths start from.
    """

    origin: Callable[[str], str]
    values: Mapping[str, Any]
    folder: Path


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read all layers and return what is in force.

    Args:
        flags: Setting to value; ``None`` values count as not given.
        environment: ``None`` for this process's.
        folder: Working directory; ``None`` for this process's.

    Raises:
        ConfigError: A file cannot be read, a key is unknown or a value is out of range.
    """
    environment = os.environ if environment is None else environment
    folder = Path.cwd() if folder is None else folder
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    strong = [
        _environment_layer(environment, folder),
        _Layer(lambda name: f"--{name.replace('_', '-')}", given, folder),
    ]
    weak = [_file_layer(_config_home() / "cinedex" / FILE_NAME)]
    here = _file_layer(folder / FILE_NAME)
    library = _merge([*weak, here, *strong]).library
    if library.resolve() != folder.resolve():
        in_library = _file_layer(library / FILE_NAME)
        if "library" in in_library.values:
            raise ConfigError(
                f"{library / FILE_NAME}: `library` cannot be set inside a library; delete the line"
            )
        weak.append(in_library)
    return _merge([*weak, here, *strong])


def library_root(path: str | Path | None, settings: Settings | None) -> Path:
    """Return the directory of a library: the one given, or else the one that the settings name."""
    return Path(path).expanduser() if path is not None else (settings or load_settings()).library


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read as TOML: {error}; correct or remove it"
        ) from error


def _file_layer(path: Path) -> _Layer:
    values = read_toml(path) if path.is_file() else {}
    return _Layer(lambda name: str(path), values, path.parent)


def _environment_layer(environment: Mapping[str, str], folder: Path) -> _Layer:
    values: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in RESERVED
    }
    asked_by = PREFIX + "OFFLINE"
    if _is_true(environment.get(HUB_OFFLINE, "")) and not _is_true(str(values.get("offline", ""))):
        values["offline"], asked_by = True, HUB_OFFLINE
    return _Layer(
        lambda name: asked_by if name == "offline" else PREFIX + name.upper(), values, folder
    )


def _is_true(text: str) -> bool:
    return text.strip().lower() in TRUE_WORDS


def _merge(layers: list[_Layer]) -> Settings:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for name, raw in layer.values.items():
            origin = layer.origin(name)
            if name not in NAMES:
                raise ConfigError(
                    f"{origin}: unknown setting `{name}`; known are {', '.join(NAMES)}"
                )
            values[name] = _parse(name, raw, layer.folder, origin)
            origins[name] = origin
    return replace(Settings(), **values, origins=origins)


def _parse(name: str, raw: Any, folder: Path, origin: str) -> Any:
    try:
        return _PARSERS[name](raw, folder)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{origin}: `{name}` {error}, got {raw!r}") from error


def _path(raw: Any, folder: Path) -> Path:
    if not isinstance(raw, (str, Path)) or not str(raw):
        raise TypeError("must be a path")
    return folder / Path(raw).expanduser()


def _text(raw: Any, _folder: Path) -> str:
    if not isinstance(raw, str) or not raw:
        raise TypeError("must be a word")
    return raw


def _boolean(raw: Any, _folder: Path) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in TRUE_WORDS | FALSE_WORDS:
        return _is_true(raw)
    raise ValueError("must be true or false")


def _speech(raw: Any, folder: Path) -> str:
    """Take a mode; true and false are taken too, for gaps and off."""
    if isinstance(raw, str) and raw in SPEECH_MODES:
        return raw
    try:
        return "gaps" if _boolean(raw, folder) else "off"
    except ValueError as error:
        raise ValueError(f"must be one of {', '.join(SPEECH_MODES)}") from error


def _number(raw: Any, _folder: Path) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise TypeError("must be a number")
    return float(raw)


def _whole(raw: Any, _folder: Path) -> int:
    if isinstance(raw, bool) or not isinstance(raw, (int, str)) or not str(raw).strip().isdecimal():
        raise ValueError("must be a whole number")
    return int(raw)


_PARSERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "library": _path,
    "cache": _path,
    "profile": _text,
    "offline": _boolean,
    "threads": _whole,
    "speech": _speech,
    "speech_gap_seconds": _number,
    "screen_text": _boolean,
    "fast": _boolean,
    "shot_detector": _text,
    "language": _text,
    "search_k": _whole,
    "false_answers": _number,
}
