"""The command line in processes of its own, and one library of the sample film for all tests."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TIMEOUT_SECONDS = 600
POCKET_MODELS = (
    "all-minilm-l6-v2",
    "efficientnet-lite2",
    "whisper-tiny.en",
    "smollm2-135m-instruct",
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def cinedex(*arguments: object, library: Path | None = None, **environment: str) -> Ran:
    """Run the command line as a user would."""
    where = ["--library", str(library)] if library is not None else []
    done = subprocess.run(
        [sys.executable, "-m", "cinedex", *where, *(str(argument) for argument in arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        env={**os.environ, **environment},
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def pocket(weights_dir) -> None:
    """All models of the pocket profile, fetched."""
    for name in POCKET_MODELS:
        weights_dir(name)


@pytest.fixture(scope="session")
def film_library(pocket, sample_film, tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    """A library of the sample film, and what indexing it said."""
    library = tmp_path_factory.mktemp("film") / "library"
    ran = cinedex("index", sample_film, "--json", library=library)
    assert ran.code == 0, ran.err
    return library, ran.data
