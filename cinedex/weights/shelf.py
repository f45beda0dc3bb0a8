"""Where models lie on this machine, whole or not at all.

    <root>/<model>/<digest>/              the pinned files, and a marker that lists them
    <root>/<model>/<digest>-converted/    what a conversion made of them, and its marker
    <root>/.pulling-*/                    a fetch that is running, or was killed

Folders are filled beside and renamed, and the marker goes in before the rename: a torn download is
never in place. Two processes that fetch the same model both succeed; the slower one throws its copy
away.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cinedex.weights.fetch import check_files, digest_of
from cinedex.weights.registry import Model
from store.errors import WeightsDigestError, WeightsError

MARKER = ".cinedex.json"
PULLING = ".pulling-"
STALE_SECONDS = 24 * 3600


def fetched_folder(root: Path, model: Model) -> Path:
    """Return where the pinned files of a model belong."""
    return root / model.name / model.short_digest


def converted_folder(root: Path, model: Model) -> Path:
    """Return where the conversion of a model belongs."""
    return root / model.name / f"{model.short_digest}-converted"


def ready_folder(root: Path, model: Model) -> Path:
    """Return the folder that the model is loaded from."""
    return converted_folder(root, model) if model.converts else fetched_folder(root, model)


def is_whole(folder: Path) -> bool:
    """Say whether a folder has its marker and every file listed there, at the listed size."""
    try:
        listed = _read_marker(folder)
        return all(
            (folder / name).stat().st_size == entry["bytes"] for name, entry in listed.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def write_marker(folder: Path) -> None:
    """List what is in a folder, with digests; from then on the folder counts as whole."""
    listed = {
        path.relative_to(folder).as_posix(): {
            "sha256": digest_of(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }
    beside = folder / f"{MARKER}.{os.getpid()}"
    beside.write_text(json.dumps({"files": listed}, indent=1), "utf-8")
    os.replace(beside, folder / MARKER)


def check_fetched(root: Path, model: Model) -> None:
    """Recompute the digests of a model's files, and of what was converted from them.

    A folder that fails loses its marker, so that the next pull fetches it again.

    Raises:
        WeightsDigestError: A file is not what was pinned, or what the conversion wrote.
        WeightsMissingError: A file is not there.
    """
    fetched = fetched_folder(root, model)
    try:
        check_files(model, fetched)
    except WeightsError:
        _distrust(fetched)
        raise
    converted = converted_folder(root, model)
    if model.converts and is_whole(converted):
        _check_converted(model, converted)


def put_in_place(beside: Path, folder: Path) -> None:
    """Rename a filled folder; where another process was quicker, its copy stays."""
    write_marker(beside)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() and not is_whole(folder):
        with suppress(OSError):  # another process may clear it at the same time
            os.rename(folder, beside.parent / "replaced")
    try:
        os.rename(beside, folder)
    except OSError:
        if not is_whole(folder):
            raise


@contextmanager
def workplace(root: Path) -> Iterator[Path]:
    """Give a folder to fetch into, on the same file system; it is gone afterwards in any case.

    Raises:
        WeightsError: The cache cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=PULLING, dir=root))
    except OSError as error:
        raise WeightsError(
            f"cannot write weights to {root}: {error.strerror}; set CINEDEX_CACHE to another folder"
        ) from error
    try:
        _clear_stale(root)
        yield place
    except OSError as error:
        raise WeightsError(
            f"weights could not be written to {root}: {error.strerror or error}; "
            "make room or point CINEDEX_CACHE elsewhere"
        ) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read_marker(folder: Path) -> Mapping[str, Mapping[str, int | str]]:
    listed: Mapping[str, Mapping[str, int | str]] = json.loads(
        (folder / MARKER).read_text("utf-8")
    )["files"]
    return listed


def _check_converted(model: Model, folder: Path) -> None:
    for name, entry in _read_marker(folder).items():
        if digest_of(folder / name) != entry["sha256"]:
            shutil.rmtree(folder, ignore_errors=True)
            raise WeightsDigestError(
                f"{folder / name} changed since it was converted; it was removed, "
                f"run `cinedex models pull {model.name}` to convert again"
            )


def _distrust(folder: Path) -> None:
    with suppress(OSError):
        (folder / MARKER).unlink()


def _clear_stale(root: Path) -> None:
    """Remove what killed fetches left."""
    for place in root.glob(f"{PULLING}*"):
        with suppress(OSError):
            if time.time() - place.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(place, ignore_errors=True)
