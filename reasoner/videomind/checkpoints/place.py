"""Where a checkpoint is: a folder, or a repository of a model hub at a pinned revision.

huggingface_hub lives here alone.
"""

import os
import re
from pathlib import Path

from store.errors import InputError, WeightsMissingError

_PINNED = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(@.*)?")
_ADVICE = re.compile(r"local_files_only|HF_\w+|^(Please|Make sure|To enable)\b")
_WANTED_FILES = ("*.json", "*.safetensors", "*.txt")


def locate(place: str, cache: Path | None = None, offline: bool = False) -> Path:
    """Return the folder of a checkpoint; one of a hub is fetched unless it is in the cache.

    Args:
        place: A folder, which may start with ``~``, or ``owner/name@revision`` with all 40 digits
            of a commit.
        cache: Where fetched checkpoints are kept; by default where huggingface_hub keeps them.
        offline: Look into the cache only.

    Raises:
        InputError: It is neither, or the revision is a branch or tag, which can move.
        WeightsMissingError: The hub does not have it or cannot be reached, or it is not in the
            cache and must not be fetched.
    """
    folder = Path(os.path.expanduser(place))
    if folder.is_dir():
        return folder
    pinned = _PINNED.fullmatch(place)
    if pinned is None:
        if _REPOSITORY.fullmatch(place):
            raise InputError(
                f"there is no folder {place}; for a repository of the hub write its revision too, "
                "as owner/name@COMMIT with all 40 digits"
            )
        raise InputError(f"there is no folder {place}; check the path")
    return _fetched(pinned["repository"], pinned["revision"], cache, offline)


def _fetched(repository: str, revision: str, cache: Path | None, offline: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            repository,
            revision=revision,
            cache_dir=cache,
            local_files_only=offline,
            allow_patterns=list(_WANTED_FILES),
        )
    except Exception as error:  # those of the hub, of HTTP and of its transfers share no root
        remedy = "run `cinedex models pull` without --offline" if offline else "try again"
        raise WeightsMissingError(
            f"{repository}@{revision} is not in the cache and could not be fetched "
            f"({_facts(error)}); {remedy}, or fetch it "
            "where the hub can be reached, then name the folder instead"
        ) from error
    return Path(folder)


def _facts(error: Exception) -> str:
    """Return what the hub's library says first, without its advice to those who call it."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    facts = [said for said in line.split(". ") if not _ADVICE.search(said)]
    return ". ".join(facts).rstrip(".") or type(error).__name__
