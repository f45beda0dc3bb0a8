"""What ``cinedex doctor`` looks at. Each check says what it found and never raises."""

import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cinedex import weights
from cinedex.config import NAMES, Settings
from store.errors import CinedexError, LibraryError, LibraryNotFoundError, WeightsError
from store.records import Video
from store.unheard import unheard_reason

PACKAGES = (
    "cinedex", "av", "decord", "faiss-cpu", "faster-whisper", "numpy", "peft", "rapidocr",
    "sentence-transformers", "sqlalchemy", "torch", "transformers",
)  # fmt: skip
OPTIONAL_PACKAGES = frozenset({"cinedex", "decord"})
"""decord exists for x86-64 only; cinedex also runs from a checkout that is not installed."""
DECODERS = ("h264", "hevc", "mpeg4", "vp9", "av1", "aac", "mp3", "opus", "ac3")
NEEDED_DECODERS = frozenset({"h264", "aac"})
LITTLE_DISK_BYTES = 2_000_000_000
MOST_LANGUAGES_LISTED = 5


class CheckState(StrEnum):
    """How a check ended; a note is worth knowing and stops nothing."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        exit_code: What the command ends with when the state is bad.
    """

    name: str
    state: CheckState
    found: str
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting, its value and where the value comes from."""

    name: str
    value: str
    origin: str


def run_checks(settings: Settings, *, verify: bool = False) -> list[Check]:
    """Look at everything.

    Args:
        settings: In force, with their origins.
        verify: Recompute the digests of the weights, which reads all of them.
    """
    looks: list[Callable[[], Iterator[Check]]] = [
        _python,
        _packages,
        _decoders,
        _database,
        lambda: _weights(settings, verify),
        lambda: _speech(settings),
        lambda: _library(settings),
        lambda: _disk(settings),
        _gpu,
    ]
    return [check for look in looks for check in look()]


def settings_in_force(settings: Settings) -> list[SettingInForce]:
    """List the settings with their origins."""
    return [
        SettingInForce(name, str(getattr(settings, name)), settings.origin(name)) for name in NAMES
    ]


def worst_exit_code(checks: Sequence[Check]) -> int:
    """Choose the exit code: a broken installation first, then the library, then the weights."""
    codes = [check.exit_code for check in checks if check.state is CheckState.BAD]
    return min(codes, default=0)


def _python() -> Iterator[Check]:
    yield Check("python", CheckState.GOOD, f"{platform.python_version()} on {platform.machine()}")


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, CheckState.GOOD, version(name))
        except PackageNotFoundError:
            state = CheckState.NOTE if name in OPTIONAL_PACKAGES else CheckState.BAD
            yield Check(name, state, "not installed", exit_code=1)


def _decoders() -> Iterator[Check]:
    try:
        import av
    except ImportError as error:
        yield Check("decoder", CheckState.BAD, str(error), exit_code=1)
        return
    missing = [name for name in DECODERS if not _can_decode(name)]
    here = [name for name in DECODERS if name not in missing]
    state = CheckState.BAD if NEEDED_DECODERS & set(missing) else CheckState.GOOD
    lack = f"; without {', '.join(missing)}" if missing else ""
    yield Check("decoder", state, f"PyAV {av.__version__}: {', '.join(here)}{lack}", exit_code=1)


def _can_decode(codec: str) -> bool:
    import av.codec

    try:
        av.codec.Codec(codec, "r")
    except (ValueError, av.error.FFmpegError):
        return False
    return True


def _database() -> Iterator[Check]:
    found = f"SQLite {sqlite3.sqlite_version}"
    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError as error:
        yield Check(
            "database", CheckState.BAD, f"{found} without full-text search: {error}", exit_code=1
        )
        return
    yield Check("database", CheckState.GOOD, f"{found} with FTS5")


def _weights(settings: Settings, verify: bool) -> Iterator[Check]:
    for status in weights.list_models(settings):
        if not status.in_profile:
            continue
        name = f"weights {status.model.name}"
        if not status.is_present:
            found = f"missing; run `cinedex models pull {status.model.name}`"
            yield Check(name, CheckState.BAD, found, WeightsError.exit_code)
        elif verify:
            yield _verified(name, status.model.name, settings)
        else:
            yield Check(name, CheckState.GOOD, str(status.path))


def _verified(name: str, model: str, settings: Settings) -> Check:
    try:
        weights.verify([model], settings=settings)
    except CinedexError as error:
        return Check(name, CheckState.BAD, str(error), error.exit_code)
    return Check(name, CheckState.GOOD, "as pinned")


def _speech(settings: Settings) -> Iterator[Check]:
    """Say which languages the speech model of the profile hears, and whether that will do."""
    try:
        name = weights.load_profile(settings.profile).model_for("speech")
        languages = weights.find_model(name, weights.load_models()).languages
    except CinedexError as error:
        yield Check("speech", CheckState.BAD, str(error), error.exit_code)
        return
    few = len(languages) <= MOST_LANGUAGES_LISTED
    known = ", ".join(sorted(languages)) if few else f"{len(languages)} languages"
    heard = f"{name} hears {known}"
    if settings.language is None or settings.language in languages:
        yield Check("speech", CheckState.GOOD, f"{heard}; speech in other languages is skipped")
    else:
        found = f"{heard}, and `language` is {settings.language}: no speech will be recognised"
        yield Check("speech", CheckState.NOTE, found)


def _library(settings: Settings) -> Iterator[Check]:
    from store.library import Library

    try:
        with Library.open(settings.library) as library:
            videos = library.videos()
    except LibraryNotFoundError:
        found = f"none at {settings.library} yet; `cinedex index PATH` makes it"
        yield Check("library", CheckState.NOTE, found)
    except LibraryError as error:
        yield Check("library", CheckState.BAD, str(error), error.exit_code)
    else:
        yield Check("library", CheckState.GOOD, f"{settings.library}, {len(videos)} videos")
        yield from _unheard(videos)


def _unheard(videos: Sequence[Video]) -> Iterator[Check]:
    """Count the videos of which nobody knows all that is spoken."""
    num_unheard = sum(bool(unheard_reason(video)) for video in videos)
    if num_unheard:
        found = f"not all heard in {num_unheard} of {len(videos)}; `cinedex list` says why"
        yield Check("speech of the videos", CheckState.NOTE, found)


def _disk(settings: Settings) -> Iterator[Check]:
    for name, path in (("library", settings.library), ("cache", settings.cache)):
        free_bytes = shutil.disk_usage(_existing(path)).free
        state = CheckState.NOTE if free_bytes < LITTLE_DISK_BYTES else CheckState.GOOD
        yield Check(f"disk of the {name}", state, f"{free_bytes / 1e9:.1f} GB free")


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.absolute().parents) if place.exists())


def _gpu() -> Iterator[Check]:
    try:
        import torch
    except ImportError as error:
        yield Check("gpu", CheckState.NOTE, str(error))
        return
    if torch.cuda.is_available():
        yield Check("gpu", CheckState.GOOD, torch.cuda.get_device_name(0))
    else:
        yield Check("gpu", CheckState.NOTE, "none; models run on the CPU")
